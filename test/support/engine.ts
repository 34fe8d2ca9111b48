import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * @returns the folder of the Pulumi engine on PATH, where set-up puts it
 * @throws Error when there is none
 */
export function engineFolder(): string {
  const folders = [join(import.meta.dirname, '../../node_modules/.bin'), ...(process.env['PATH'] ?? '').split(delimiter)]
  const found = folders.find((folder) => {
    try {
      accessSync(join(folder, 'pulumi'), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
  if (found === undefined) throw new Error('there is no Pulumi engine to test with: run npm run set-up once, or the tests by npm test')
  return found
}

/**
 * Environment for an engine that keeps everything it writes in `directory`, downloads nothing and asks nothing.
 * @param directory  exists; gets `home` (plugins, credentials) and `state` (stacks)
 */
export function engineEnvironment(directory: string): Readonly<Record<string, string>> {
  return {
    PATH: [engineFolder(), process.env['PATH'] ?? ''].join(delimiter),
    HOME: directory,
    PULUMI_HOME: join(directory, 'home'),
    PULUMI_BACKEND_URL: `file://${join(directory, 'state')}`,
    PULUMI_CONFIG_PASSPHRASE: 'passphrase of the tests',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
  }
}
