import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import type { CheckResult, CommandOutput, DoctorContext } from '../../src/app/doctor/check.ts'
import { runDoctor } from '../../src/app/doctor/run-doctor.ts'
import { isAtLeast } from '../../src/app/doctor/version.ts'
import { smallestCatalogue, smallestSettings } from '../../src/config/reference-files.ts'
import { startInfluxd } from '../support/influxd.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prescale-doctor-'))
  for (const inner of [
    'project',
    'home',
    'tools',
    'installation/node_modules/@tensorflow/tfjs-backend-wasm',
    'installation/node_modules/@pulumi/aws',
  ]) {
    mkdirSync(join(folder, inner), { recursive: true })
  }
  write('project/prescale.yaml', smallestSettings)
  write('project/catalogue.yaml', smallestCatalogue)
  write('installation/node_modules/@pulumi/aws/package.json', '{ "version": "7.48.0" }')
  write('installation/node_modules/@tensorflow/tfjs-backend-wasm/package.json', '{}')
  for (const tool of ['pulumi', 'pulumi-language-nodejs']) executable(`tools/${tool}`)
})
afterEach(() => {
  chmodSync(join(folder, 'project'), 0o755)
  rmSync(folder, { recursive: true, force: true })
})

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}

function executable(path: string): void {
  write(path, '#!/bin/sh\n')
  chmodSync(join(folder, path), 0o755)
}

const nowSeconds = Date.parse('2026-01-26T12:00:00Z') / 1000
const nothingListens: typeof fetch = async () => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) })
}

function context(changes: Partial<DoctorContext> = {}, env: Record<string, string> = {}): DoctorContext {
  return {
    root: join(folder, 'project'),
    settingsFile: join(folder, 'project', 'prescale.yaml'),
    installation: join(folder, 'installation'),
    env: {
      PATH: join(folder, 'tools'),
      PULUMI_BACKEND_URL: `file://${folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: 'open sesame please',
      ...env,
    },
    home: join(folder, 'home'),
    nodeVersion: '24.21.0',
    now: () => nowSeconds,
    fetch: nothingListens,
    run: async (command, args): Promise<CommandOutput> => {
      if (command.endsWith('pulumi') && args[0] === 'version') return { code: 0, stdout: 'v3.274.1\n', stderr: '' }
      if (command === 'git') return { code: 0, stdout: '', stderr: '' }
      if (args[0]?.endsWith('probe-backend.ts') === true) return { code: 0, stdout: '{ "kind": "wasm", "description": "tfjs wasm" }', stderr: '' }
      return { code: undefined, stdout: '', stderr: '' }
    },
    signal: new AbortController().signal,
    ...changes,
  }
}

async function result(name: string, given: DoctorContext): Promise<Pick<CheckResult, 'status' | 'found' | 'mend'>> {
  const all = await runDoctor(given)
  const found = all.find((candidate) => candidate.name === name)
  assert.ok(found, `${name} is among ${all.map((one) => one.name).join(', ')}`)
  return { status: found.status, found: found.found.replaceAll(folder, '…'), mend: found.mend?.replaceAll(folder, '…') }
}

test('every check gives a finding, and everything but ok says how to mend it', async () => {
  const results = await runDoctor(context())
  assert.deepEqual(
    results.map(({ name, status }) => `${name}: ${status}`),
    [
      'configuration: ok',
      'node: ok',
      'engine: ok',
      'language host: ok',
      'provider aws: warn',
      'backend: ok',
      'passphrase: ok',
      'influxdb: fail',
      'credentials aws: warn',
      'clock: warn',
      'folders: ok',
      'tensorflow: warn',
      'git: ok',
    ],
  )
  for (const { name, status, mend } of results) assert.equal(mend === undefined, status === 'ok', name)
})

test('faults of the configuration are told with their places, and the other checks still run', async () => {
  write('project/prescale.yaml', smallestSettings.replace('name: shop', 'nam: shop'))
  const results = await runDoctor(context())
  assert.match(results[0]?.found ?? '', /prescale\.yaml:1:1 nam: is not a key here; did you mean name\?/)
  assert.ok(results.some(({ name }) => name === 'engine'))
})

test('without settings or catalogue, it says which file is missing', async () => {
  rmSync(join(folder, 'project', 'catalogue.yaml'))
  assert.equal((await result('configuration', context())).found, 'catalogue.yaml is not there')
  rmSync(join(folder, 'project', 'prescale.yaml'))
  assert.deepEqual(await result('configuration', context()), { status: 'fail', found: 'prescale.yaml is not there', mend: 'prescale init' })
})

test('an engine that is missing, too old or broken is told apart', async () => {
  assert.equal((await result('engine', context({}, { PATH: '/nowhere' }))).found, 'pulumi is not on PATH')
  const answering = (output: CommandOutput): DoctorContext => context({ run: async () => output })
  assert.equal(
    (await result('engine', answering({ code: 0, stdout: 'v3.200.0\n', stderr: '' }))).found,
    'v3.200.0 at …/tools/pulumi, older than 3.255.0',
  )
  assert.equal(
    (await result('engine', answering({ code: 126, stdout: '', stderr: 'a\nexec format error' }))).found,
    '…/tools/pulumi does not run: exec format error',
  )
  rmSync(join(folder, 'tools', 'pulumi-language-nodejs'))
  assert.equal((await result('language host', context())).status, 'fail')
})

test('a provider is installed in exactly the version of the SDK, or to be installed', async () => {
  mkdirSync(join(folder, 'home', '.pulumi', 'plugins', 'resource-aws-v7.47.0'), { recursive: true })
  assert.equal((await result('provider aws', context())).status, 'warn')
  assert.equal((await result('provider aws', context({}, { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true' }))).status, 'fail')
  mkdirSync(join(folder, 'home', '.pulumi', 'plugins', 'resource-aws-v7.48.0'), { recursive: true })
  assert.deepEqual(await result('provider aws', context()), { status: 'ok', found: 'v7.48.0', mend: undefined })
})

test('the backend is the one that the engine would take: environment, then project, then login', async () => {
  write('home/.pulumi/credentials.json', '{ "current": "s3://login" }')
  const withoutVariable = { PULUMI_BACKEND_URL: '' }
  assert.match((await result('backend', context({}, withoutVariable))).found, /^s3:\/\/login \(pulumi login\)/)
  write('project/Pulumi.yaml', 'name: shop\nbackend: { url: "file://./state?metadata=skip" }\n')
  assert.equal((await result('backend', context({}, withoutVariable))).found, 'file://./state?metadata=skip (Pulumi.yaml)')
  assert.equal((await result('backend', context())).found, 'file://…/state (PULUMI_BACKEND_URL)')
})

test('a backend that does not answer fails with its own last words, and without the password in its address', async () => {
  const given = context(
    { run: async () => ({ code: 1, stdout: '', stderr: 'error: no such bucket' }) },
    { PULUMI_BACKEND_URL: 'postgres://prescale:hunter2@db/state' },
  )
  assert.equal(
    (await result('backend', given)).found,
    'postgres://***@db/state (PULUMI_BACKEND_URL) does not answer: error: no such bucket',
  )
})

test('credentials are found where each provider looks, and only named', async () => {
  const key = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
  assert.deepEqual(await result('credentials aws', context({}, key)), {
    status: 'ok',
    found: 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    mend: undefined,
  })
  assert.equal((await result('credentials aws', context({}, { AWS_ACCESS_KEY_ID: 'AKIA' }))).status, 'fail')
  write('home/.aws/config', '[profile web]\nregion = us-east-1\n')
  assert.equal((await result('credentials aws', context({}, { AWS_PROFILE: 'web' }))).found, 'profile web in …/home/.aws/config')
  assert.equal((await result('credentials aws', context({}, { AWS_PROFILE: 'ops' }))).status, 'fail')

  write('project/prescale.yaml', smallestSettings.replace('{ cloud: aws, region: us-east-1,', '{ cloud: gcp, region: us-east1,'))
  write('project/catalogue.yaml', smallestCatalogue.replaceAll('aws', 'gcp').replaceAll('us-east-1', 'us-east1'))
  assert.equal((await result('credentials gcp', context())).status, 'warn')
  write('home/.config/gcloud/application_default_credentials.json', '{ "type": "authorized_user", "refresh_token": "1//secret" }')
  assert.deepEqual(await result('credentials gcp', context({}, { GOOGLE_PROJECT: 'shop' })), {
    status: 'ok',
    found: 'authorized_user in …/home/.config/gcloud/application_default_credentials.json, project in GOOGLE_PROJECT',
    mend: undefined,
  })
  assert.equal((await result('credentials gcp', context({}, { GOOGLE_APPLICATION_CREDENTIALS: '/nowhere.json' }))).status, 'fail')

  write(
    'project/prescale.yaml',
    smallestSettings.replace('{ cloud: aws, region: us-east-1,', '{ cloud: azure, region: eastus, launch: { resourceGroup: shop },'),
  )
  write('project/catalogue.yaml', smallestCatalogue.replaceAll('aws', 'azure').replaceAll('us-east-1', 'eastus'))
  assert.equal((await result('credentials azure', context())).status, 'fail')
  assert.equal(
    (await result('credentials azure', context({}, { ARM_CLIENT_SECRET: 'not for eyes', ARM_CLIENT_ID: 'a' }))).found,
    'ARM_CLIENT_SECRET without ARM_TENANT_ID, ARM_SUBSCRIPTION_ID',
  )
  write('home/.azure/azureProfile.json', '{ "subscriptions": [{ "isDefault": true }] }')
  assert.equal((await result('credentials azure', context())).status, 'ok')
})

test('no secret of the environment is in any finding, whatever message carries it', async () => {
  const secret = 'tr0ub4dor-and-3-more'
  const given = context(
    {
      run: async () => ({ code: 1, stdout: secret, stderr: `bad ${secret}` }),
      fetch: async () => {
        throw new Error(`cannot use ${secret}`)
      },
    },
    { INFLUX_TOKEN: secret, AWS_SECRET_ACCESS_KEY: secret, PULUMI_ACCESS_TOKEN: secret, PULUMI_BACKEND_URL: 'https://api.example.com' },
  )
  const printed = JSON.stringify(await runDoctor(given))
  assert.ok(printed.includes('cannot use ***'))
  assert.equal(printed.includes(secret), false)
})

test('a folder that cannot be written, or is a file, is named', async () => {
  write('project/stacks', 'a file')
  assert.equal((await result('folder stacks', context())).found, '…/project/stacks is a file')
})

test('what is not committed was not reviewed', async () => {
  const changed = ' M stacks/a.yaml\n M stacks/b.yaml\n?? forecasts/web/x.yaml\n?? forecasts/web/y.yaml\n'
  const git = (output: CommandOutput): DoctorContext => context({ run: async () => output })
  assert.equal(
    (await result('git', git({ code: 0, stdout: changed, stderr: '' }))).found,
    'not committed: stacks/a.yaml, stacks/b.yaml, forecasts/web/x.yaml and 1 more',
  )
  assert.equal((await result('git', git({ code: 128, stdout: '', stderr: 'fatal' }))).found, 'the project is not in a git repository')
})

test('the clock is compared with the server’s, to the whole second that it tells', async () => {
  const told = (secondsAhead: number): DoctorContext =>
    context({ fetch: async () => new Response('', { headers: { date: new Date((nowSeconds + secondsAhead) * 1000).toUTCString() } }) })
  assert.deepEqual(await result('clock', told(0)), { status: 'ok', found: '0 s from that of http://localhost:8086', mend: undefined })
  assert.equal((await result('clock', told(-90))).status, 'warn')
  assert.equal((await result('clock', told(900))).status, 'fail')
})

test('the sandbox needs no credentials, no server and no provider but its own', async () => {
  const own = readFileSync(join(import.meta.dirname, '..', '..', 'prescale.yaml'), 'utf8')
  write('project/prescale.yaml', own)
  write('project/catalogue.yaml', readFileSync(join(import.meta.dirname, '..', '..', 'catalogue.yaml'), 'utf8'))
  for (const provider of ['aws', 'gcp', 'azure-native']) executable(`installation/src/sandbox/provider/bin/pulumi-resource-${provider}`)
  const results = await runDoctor(context())
  assert.deepEqual(
    results.filter(({ status }) => status === 'fail'),
    [],
  )
  assert.deepEqual(
    results.filter(({ name }) => name.startsWith('provider')).map(({ status }) => status),
    ['ok', 'ok', 'ok'],
  )
})

test('a real server: no token, wrong token, no permission, no bucket, no samples, old samples and fresh ones are told apart', async () => {
  await using server = await startInfluxd()
  const settings = (change: (text: string) => string = (text) => text): void => {
    write(
      'project/prescale.yaml',
      change(
        smallestSettings
          .replace('http://localhost:8086', server.url)
          .replace('org: platform', `org: ${server.org}`)
          .replace('bucket: telegraf', `bucket: ${server.bucket}`),
      ),
    )
  }
  const real = (env: Record<string, string>, now = nowSeconds): DoctorContext => context({ fetch, now: () => now }, env)
  settings()
  assert.match((await result('influxdb', real({}))).found, /^http:\/\/127\.0\.0\.1:\d+, version v?2\./)
  assert.equal((await result('influxdb token', real({}))).found, 'INFLUX_TOKEN is not set')
  assert.equal((await result('influxdb token', real({ INFLUX_TOKEN: 'wrong' }))).found, 'the token in INFLUX_TOKEN is not accepted')
  const writeOnly = await server.tokenTo('write')
  assert.match((await result('influxdb token', real({ INFLUX_TOKEN: writeOnly }))).found, /may not read/)
  const readOnly = await server.tokenTo('read')
  assert.equal((await result('influxdb token', real({ INFLUX_TOKEN: readOnly }))).status, 'ok')
  assert.equal(
    (await result('demand of web', real({ INFLUX_TOKEN: readOnly }))).found,
    'no sample of http_requests field count with workload=web in 30 days',
  )

  const measured = Math.floor(Date.now() / 1000) - 3600
  await server.load([
    `http_requests,workload=web,user_zone=us-east count=7i ${measured - 600}`,
    `http_requests,workload=web,user_zone=eu-west count=7 ${measured}`.replace('count=7 ', 'count=7i '),
    `http_requests,workload=feed,user_zone=us-east count=7i ${measured + 60}`,
  ])
  const fresh = await result('demand of web', real({ INFLUX_TOKEN: readOnly }, measured + 300))
  assert.deepEqual(fresh, {
    status: 'ok',
    found: `newest sample ${new Date(measured * 1000).toISOString().replace('.000', '')}`,
    mend: undefined,
  })
  const stale = await result('demand of web', real({ INFLUX_TOKEN: readOnly }, measured + 3600))
  assert.match(`${stale.status} ${stale.found}`, /^warn newest sample .*, 60 min ago \(limit 15 min\)$/)

  settings((text) => text.replace(`bucket: ${server.bucket}`, 'bucket: nowhere'))
  assert.match((await result('influxdb token', real({ INFLUX_TOKEN: server.token }))).found, /^there is no bucket nowhere/)
})

test('versions are compared part by part, as numbers', () => {
  assert.equal(isAtLeast('v3.255.0', '3.255.0'), true)
  assert.equal(isAtLeast('3.99.9', '3.255.0'), false)
  assert.equal(isAtLeast('4.0.0', '3.255.0'), true)
  assert.equal(isAtLeast('not a version', '3.255.0'), false)
})
