import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isExecutable, onPath } from './commands-on-path.ts'
import { type Check, fail, ok } from './check.ts'
import { isAtLeast } from './version.ts'

/** The oldest engine that runs everything used here. */
const oldest = '3.255.0'
const howToInstall = 'npm run set-up, or https://www.pulumi.com/docs/install/'
/** The engine would look on the internet for a newer one of itself. */
const quiet = { PULUMI_SKIP_UPDATE_CHECK: 'true' }

export const engineCheck: Check = {
  name: 'engine',
  look: async ({ env, run }) => {
    const file = onPath('pulumi', env)
    if (file === undefined) return [fail('engine', 'pulumi is not on PATH', howToInstall)]
    const output = await run(file, ['version'], quiet)
    const version = output.stdout.trim()
    if (output.code !== 0) return [fail('engine', `${file} does not run: ${lastLine(output.stderr)}`, howToInstall)]
    if (!isAtLeast(version, oldest)) return [fail('engine', `${version} at ${file}, older than ${oldest}`, howToInstall)]
    return [ok('engine', `Pulumi ${version} at ${file}`)]
  },
}

export const languageHostCheck: Check = {
  name: 'language host',
  look: async ({ env }) => {
    const engine = onPath('pulumi', env)
    const beside = engine === undefined ? [] : [engine, realpathSync(engine)].map((file) => join(dirname(file), 'pulumi-language-nodejs'))
    const file = beside.find(isExecutable) ?? onPath('pulumi-language-nodejs', env)
    if (file !== undefined) return [ok('language host', file)]
    return [fail('language host', 'pulumi-language-nodejs is neither beside the engine nor on PATH', howToInstall)]
  },
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
