import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cloud } from '../../domain/pool.ts'
import { type Check, type CheckResult, type Examination, fail, ok, warn } from './check.ts'

/** Whether credentials of each cloud in use are where its provider looks for them. Their values are not read further than needed. */
export const credentialsCheck: Check = {
  name: 'credentials',
  look: async (examination) => {
    const { configuration } = examination
    if (configuration === undefined) return []
    if (configuration.settings.sandbox !== undefined) return [ok('credentials', 'the sandbox needs none')]
    const clouds = [...new Set(configuration.settings.regions.map((region) => region.cloud))]
    return clouds.map((cloud) => looks[cloud](examination))
  },
}

const looks: Readonly<Record<Cloud, (examination: Examination) => CheckResult>> = { aws, gcp, azure }

function aws({ env, home }: Examination): CheckResult {
  const name = 'credentials aws'
  if (given(env, 'AWS_ACCESS_KEY_ID') && given(env, 'AWS_SECRET_ACCESS_KEY')) return ok(name, 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  if (given(env, 'AWS_ACCESS_KEY_ID'))
    return fail(name, 'AWS_ACCESS_KEY_ID without AWS_SECRET_ACCESS_KEY', 'export AWS_SECRET_ACCESS_KEY too')
  if (given(env, 'AWS_WEB_IDENTITY_TOKEN_FILE') && given(env, 'AWS_ROLE_ARN'))
    return ok(name, 'web identity (AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN)')
  if (given(env, 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI') || given(env, 'AWS_CONTAINER_CREDENTIALS_FULL_URI'))
    return ok(name, 'the container’s role')
  const profile = env['AWS_PROFILE'] ?? 'default'
  const files = [
    env['AWS_SHARED_CREDENTIALS_FILE'] ?? join(home, '.aws', 'credentials'),
    env['AWS_CONFIG_FILE'] ?? join(home, '.aws', 'config'),
  ]
  const holder = files.find((file) => profilesIn(file).includes(profile))
  if (holder !== undefined) return ok(name, `profile ${profile} in ${holder}`)
  if (given(env, 'AWS_PROFILE'))
    return fail(name, `profile ${profile} (AWS_PROFILE) is in neither ${files.join(' nor ')}`, `aws configure --profile ${profile}`)
  return warn(
    name,
    'none in the environment or in ~/.aws; the role of this machine is used, if it has one',
    'aws configure, or export AWS_PROFILE',
  )
}

/** Sections of an AWS file: `[default]`, `[profile web]`. */
function profilesIn(file: string): readonly string[] {
  return [...textOf(file).matchAll(/^\s*\[\s*(?:profile\s+)?([^\]]+?)\s*\]/gm)].map(([, profile = '']) => profile)
}

function gcp({ env, home }: Examination): CheckResult {
  const name = 'credentials gcp'
  const project = ['GOOGLE_PROJECT', 'GOOGLE_CLOUD_PROJECT', 'GCLOUD_PROJECT', 'CLOUDSDK_CORE_PROJECT'].find((variable) =>
    given(env, variable),
  )
  const withProject = (found: string): CheckResult =>
    project === undefined
      ? warn(name, `${found}; no project is named`, 'export GOOGLE_PROJECT=<project id>, unless Pulumi configuration sets gcp:project')
      : ok(name, `${found}, project in ${project}`)
  const inline = ['GOOGLE_CREDENTIALS', 'GOOGLE_OAUTH_ACCESS_TOKEN'].find((variable) => given(env, variable))
  if (inline !== undefined) return withProject(inline)
  const named = env['GOOGLE_APPLICATION_CREDENTIALS']
  const file = named ?? join(env['CLOUDSDK_CONFIG'] ?? join(home, '.config', 'gcloud'), 'application_default_credentials.json')
  const kind = credentialKind(file)
  if (kind !== undefined) return withProject(`${kind} in ${file}`)
  if (named !== undefined)
    return fail(
      name,
      `${named} (GOOGLE_APPLICATION_CREDENTIALS) ${existsSync(named) ? 'holds no credentials' : 'is not there'}`,
      'gcloud auth application-default login',
    )
  return warn(
    name,
    'no application default credentials; the service account of this machine is used, if it has one',
    'gcloud auth application-default login',
  )
}

/** @returns `authorized_user`, `service_account`, …; undefined when the file holds no credentials */
function credentialKind(file: string): string | undefined {
  try {
    const { type } = JSON.parse(textOf(file)) as { type?: unknown }
    return typeof type === 'string' ? type : undefined
  } catch {
    return undefined
  }
}

function azure({ env, home }: Examination): CheckResult {
  const name = 'credentials azure'
  const proof = [
    'ARM_CLIENT_SECRET',
    'ARM_CLIENT_CERTIFICATE_PATH',
    'ARM_OIDC_TOKEN',
    'ARM_OIDC_TOKEN_FILE_PATH',
    'ARM_OIDC_REQUEST_TOKEN',
  ].find((variable) => given(env, variable))
  if (proof !== undefined) {
    const missing = ['ARM_CLIENT_ID', 'ARM_TENANT_ID', 'ARM_SUBSCRIPTION_ID'].filter((variable) => !given(env, variable))
    return missing.length === 0
      ? ok(name, `ARM_CLIENT_ID with ${proof}`)
      : fail(name, `${proof} without ${missing.join(', ')}`, `export ${missing.join(', ')} too`)
  }
  if (env['ARM_USE_MSI'] === 'true') return ok(name, 'the machine’s managed identity (ARM_USE_MSI)')
  const profile = join(env['AZURE_CONFIG_DIR'] ?? join(home, '.azure'), 'azureProfile.json')
  if (/"isDefault"\s*:\s*true/.test(textOf(profile))) return ok(name, `az login (${profile})`)
  return fail(name, 'neither ARM_* variables nor an az login', 'az login')
}

function given(env: Examination['env'], variable: string): boolean {
  return (env[variable] ?? '') !== ''
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
