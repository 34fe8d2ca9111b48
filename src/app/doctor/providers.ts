import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cloud } from '../../domain/pool.ts'
import { type Check, type CheckResult, type Examination, fail, ok, warn } from './check.ts'
import { isExecutable, onPath } from './commands-on-path.ts'

/** The engine's names of the clouds. */
const packageOf: Readonly<Record<Cloud, string>> = { aws: 'aws', gcp: 'gcp', azure: 'azure-native' }

/** Provider programs of the clouds in use, in the version that the SDK asks for. */
export const providersCheck: Check = {
  name: 'providers',
  look: async (examination) => {
    const { configuration } = examination
    if (configuration === undefined) return []
    const clouds = [...new Set(configuration.settings.regions.map((region) => region.cloud))]
    const look = configuration.settings.sandbox === undefined ? realProvider : sandboxProvider
    return clouds.map((cloud) => look(packageOf[cloud], examination))
  },
}

function sandboxProvider(provider: string, { installation }: Examination): CheckResult {
  const name = `provider ${provider}`
  const launcher = join(installation, 'src', 'sandbox', 'provider', 'bin', `pulumi-resource-${provider}`)
  if (isExecutable(launcher)) return ok(name, 'the sandbox’s own')
  return fail(
    name,
    `${launcher} ${existsSync(launcher) ? 'cannot be executed' : 'is not there'}`,
    `git checkout ${launcher} && chmod +x ${launcher}`,
  )
}

function realProvider(provider: string, { env, home, installation }: Examination): CheckResult {
  const name = `provider ${provider}`
  const version = installedVersion(join(installation, 'node_modules', '@pulumi', provider, 'package.json'))
  if (version === undefined) return fail(name, `the package @pulumi/${provider} is not installed`, 'npm ci')
  const plugins = join(env['PULUMI_HOME'] ?? join(home, '.pulumi'), 'plugins')
  if (existsSync(join(plugins, `resource-${provider}-v${version}`))) return ok(name, `v${version}`)
  const command = `pulumi-resource-${provider}`
  const found = onPath(command, env)
  if (found !== undefined)
    return warn(
      name,
      `${found}, not checked against v${version}, which the SDK asks for`,
      `pulumi plugin install resource ${provider} v${version}`,
    )
  if (env['PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION'] === 'true') {
    return fail(
      name,
      `v${version} is not installed, and PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION keeps the engine from getting it`,
      `pulumi plugin install resource ${provider} v${version}`,
    )
  }
  return warn(
    name,
    `v${version} is not installed; the engine gets it at its first run`,
    `pulumi plugin install resource ${provider} v${version}`,
  )
}

function installedVersion(manifest: string): string | undefined {
  return existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version : undefined
}
