import { type Check, type CheckResult, type DoctorContext, type Examination, fail } from './check.ts'
import { backendCheck } from './backend.ts'
import { clockCheck } from './clock.ts'
import { examineConfiguration } from './configuration.ts'
import { credentialsCheck } from './credentials.ts'
import { engineCheck, languageHostCheck } from './engine.ts'
import { foldersCheck } from './folders.ts'
import { gitCheck } from './git.ts'
import { historyCheck } from './history.ts'
import { nodeCheck } from './node-version.ts'
import { providersCheck } from './providers.ts'
import { tensorflowCheck } from './tensorflow.ts'

const checks: readonly Check[] = [
  nodeCheck,
  engineCheck,
  languageHostCheck,
  providersCheck,
  backendCheck,
  historyCheck,
  credentialsCheck,
  clockCheck,
  foldersCheck,
  tensorflowCheck,
  gitCheck,
]

/**
 * Looks at everything that a cycle needs, all of it however much is wrong, and changes nothing.
 * @returns results in a fixed order; secrets are in none of them
 */
export async function runDoctor(context: DoctorContext): Promise<readonly CheckResult[]> {
  const { configuration, results } = examineConfiguration(context)
  const examination: Examination = { ...context, configuration }
  const found = await Promise.all(checks.map((check) => lookAt(check, examination)))
  const hide = concealer(context, configuration?.settings.history)
  return [...results, ...found.flat()].map((result) => ({
    ...result,
    found: hide(result.found),
    mend: result.mend === undefined ? undefined : hide(result.mend),
  }))
}

async function lookAt(check: Check, examination: Examination): Promise<readonly CheckResult[]> {
  try {
    return await check.look(examination)
  } catch (error) {
    examination.signal.throwIfAborted()
    const reason = error instanceof Error ? error.message : String(error)
    return [fail(check.name, `could not be looked at: ${reason}`, 'mend what the message names, then run prescale doctor again')]
  }
}

/** Shorter values are words that anything may contain. */
const shortestSecret = 8
const secretNames = /TOKEN|SECRET|PASSWORD|PASSPHRASE|ACCESS_KEY|CREDENTIALS/

/** @returns a function that takes values of secret variables out of a text, whatever message they came in */
function concealer(
  context: DoctorContext,
  history: { readonly source: string; readonly tokenEnv?: string } | undefined,
): (text: string) => string {
  const secrets = Object.entries(context.env).flatMap(([name, value]) =>
    value !== undefined &&
    value.length >= shortestSecret &&
    !/_FILE$|_URL$|APPLICATION_CREDENTIALS$/.test(name) &&
    (secretNames.test(name) || name === history?.tokenEnv)
      ? [value]
      : [],
  )
  return (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text)
}
