import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseYaml } from '../../documents/read-yaml.ts'
import { type Check, type CheckResult, type Examination, fail, ok, warn } from './check.ts'
import { onPath } from './commands-on-path.ts'

/** Where the engine keeps state: reachable, and writable where that can be seen without writing. */
export const backendCheck: Check = {
  name: 'backend',
  look: async (examination) => {
    const { url, source } = backendOf(examination)
    if (url === undefined)
      return [warn('backend', 'none is chosen; the engine uses Pulumi Cloud', 'pulumi login, or export PULUMI_BACKEND_URL')]
    const where = `${withoutCredentials(url)} (${source})`
    const reached = url.startsWith('file:') ? fileBackend(url, where, examination) : await remoteBackend(where, examination)
    return [reached, ...passphrase(url, examination)]
  },
}

interface Chosen {
  readonly url: string | undefined
  readonly source: string
}

/** The engine's own order: environment, project file, login. */
function backendOf({ env, root, home }: Examination): Chosen {
  const fromEnvironment = env['PULUMI_BACKEND_URL']
  if (fromEnvironment !== undefined && fromEnvironment !== '') return { url: fromEnvironment, source: 'PULUMI_BACKEND_URL' }
  const fromProject = textIn(parsed(join(root, 'Pulumi.yaml')), 'backend', 'url')
  if (fromProject !== undefined) return { url: fromProject, source: 'Pulumi.yaml' }
  const current = textIn(parsed(join(env['PULUMI_HOME'] ?? join(home, '.pulumi'), 'credentials.json')), 'current')
  return { url: current, source: 'pulumi login' }
}

function fileBackend(url: string, where: string, { root, home }: Examination): CheckResult {
  const folder = folderOf(url, root, home)
  const holder = nearestExisting(folder)
  try {
    accessSync(holder, constants.W_OK | constants.X_OK)
    return ok('backend', where)
  } catch {
    return fail('backend', `${where}: ${holder} cannot be written`, `chmod u+wx ${holder}`)
  }
}

/** `file://./state` is relative to the project, `file://~` is home. */
function folderOf(url: string, root: string, home: string): string {
  const [address = ''] = url.split('?')
  const path = address.slice('file://'.length)
  if (path.startsWith('~')) return join(home, path.slice(1))
  return path.startsWith('/') ? fileURLToPath(address) : resolve(root, path)
}

function nearestExisting(folder: string): string {
  return existsSync(folder) || folder === dirname(folder) ? folder : nearestExisting(dirname(folder))
}

async function remoteBackend(where: string, { env, run }: Examination): Promise<CheckResult> {
  const engine = onPath('pulumi', env)
  if (engine === undefined) return warn('backend', `${where}: not asked, for there is no engine`, 'mend the engine first')
  const output = await run(engine, ['whoami', '--non-interactive'], { PULUMI_SKIP_UPDATE_CHECK: 'true' })
  if (output.code === 0) return ok('backend', `${where} as ${output.stdout.trim()}`)
  return fail(
    'backend',
    `${where} does not answer: ${(output.stderr.trim() || output.stdout.trim()).split('\n').at(-1) ?? ''}`,
    'pulumi login <the same address>, or check the network and its credentials',
  )
}

/** Backends other than Pulumi Cloud seal secrets with a passphrase, unless stacks name a key service. */
function passphrase(url: string, { env, configuration }: Examination): readonly CheckResult[] {
  if (/^https?:/.test(url)) return []
  if (env['PULUMI_CONFIG_PASSPHRASE'] !== undefined) return [ok('passphrase', 'PULUMI_CONFIG_PASSPHRASE')]
  const file = env['PULUMI_CONFIG_PASSPHRASE_FILE']
  if (file !== undefined && file !== '') {
    return [
      existsSync(file)
        ? ok('passphrase', 'PULUMI_CONFIG_PASSPHRASE_FILE')
        : fail('passphrase', `${file} (PULUMI_CONFIG_PASSPHRASE_FILE) is not there`, `write the passphrase into ${file}`),
    ]
  }
  if (configuration?.settings.sandbox !== undefined) return [ok('passphrase', 'the sandbox’s own')]
  return [
    warn(
      'passphrase',
      'none is set',
      'export PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE, unless the stacks name a key service',
    ),
  ]
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//***@')
}

function parsed(file: string): unknown {
  return existsSync(file) ? parseYaml(readFileSync(file, 'utf8'), file).document?.value : undefined
}

function textIn(value: unknown, ...path: readonly string[]): string | undefined {
  const found = path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  )
  return typeof found === 'string' && found !== '' ? found : undefined
}
