import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { engineEnvironment } from '../support/engine.ts'
import { aStateFolder, aTemporaryFolder, aWorld } from './a-world.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bin = join(root, 'src/sandbox/provider/bin')

/** Whether something listens on the port. */
async function listens(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

test('a provider whose engine was killed ends by itself', { timeout: 30_000 }, async (context) => {
  const directory = aTemporaryFolder(context)
  const engine = spawn('/bin/sh', ['-c', `${bin}/pulumi-resource-gcp & wait`], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, PRESCALE_SANDBOX: directory } })
  const [line] = (await once(engine.stdout, 'data')) as [Buffer]
  const port = Number(line.toString().trim())
  assert.equal(await listens(port), true)
  engine.kill('SIGKILL')
  // The pipe closes when its last writer, the provider, is gone.
  await once(engine.stdout, 'close')
  assert.equal(await listens(port), false)
})

const program = `
import { LaunchTemplate } from '@pulumi/aws/ec2/index.js'
import { Group } from '@pulumi/aws/autoscaling/index.js'
import { InstanceTemplate, RegionInstanceGroupManager } from '@pulumi/gcp/compute/index.js'
import { ResourceGroup } from '@pulumi/azure-native/resources/index.js'
import { getAvailabilityZonesOutput } from '@pulumi/aws/index.js'
import { secret } from '@pulumi/pulumi'
const zones = getAvailabilityZonesOutput({ region: 'us-east-1' }).names
const template = new LaunchTemplate('node', { region: 'us-east-1', instanceType: 'm6i.xlarge', userData: secret('b3BlbiBzZXNhbWU=') })
new Group('node', {
  name: 'node', region: 'us-east-1', minSize: 0, maxSize: 9, desiredCapacity: Number(process.env['NODES']), waitForCapacityTimeout: process.env['WAIT'] ?? '0',
  availabilityZones: zones, launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
})
const machine = new InstanceTemplate('machine', { machineType: 'e2-standard-4', disks: [{}], description: process.env['NODES'] })
new RegionInstanceGroupManager('node', { name: 'node', region: 'us-central1', baseInstanceName: 'node', versions: [{ instanceTemplate: machine.selfLinkUnique }], targetSize: 2 })
new ResourceGroup('node', { resourceGroupName: 'node', location: 'eastus' })
`

const manifest = `
name: providers
main: index.ts
runtime: { name: nodejs, options: { typescript: false } }
plugins:
  providers:
${['aws', 'gcp', 'azure-native'].map((name) => `    - { name: ${name}, path: ${bin} }`).join('\n')}
`

interface EngineRun {
  readonly code: number
  readonly output: string
}

/** A Pulumi project of its own over clouds of its own with one quota everywhere, with a stack; runs `pulumi` with what is given. */
async function aPulumiProject(context: TestContext, quotaVcpu = 400): Promise<(options: readonly string[], env?: Readonly<Record<string, string>>) => Promise<EngineRun>> {
  const directory = aTemporaryFolder(context)
  const sandbox = join(directory, 'sandbox')
  for (const folder of ['state', 'home']) mkdirSync(join(directory, folder))
  const world = aWorld()
  aStateFolder(sandbox, { ...world, regions: world.regions.map((region) => ({ ...region, quotaVcpu: { 'on-demand': quotaVcpu, spot: 0 } })) })
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(directory, 'index.ts'), program)
  writeFileSync(join(directory, 'Pulumi.yaml'), manifest)
  const run = (options: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<EngineRun> =>
    new Promise((resolve) => {
      const whole = { ...engineEnvironment(directory), PRESCALE_SANDBOX: sandbox, NODES: '3', ...env }
      execFile('pulumi', [...options], { cwd: directory, env: whole, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr })
      })
    })
  assert.equal((await run(['stack', 'init', 'one'])).code, 0)
  return run
}

const quietly = ['--yes', '--skip-preview', '--non-interactive']

describe('the real engine', { concurrency: false }, () => {
  test('creates, finds nothing to change, replaces a template in use, imports by id and keeps secrets', { timeout: 300_000 }, async (context) => {
    const pulumi = await aPulumiProject(context)
    const created = await pulumi(['up', ...quietly])
    assert.match(created.output, /\+ 6 created/)
    assert.equal((await pulumi(['preview', '--expect-no-changes', '--non-interactive'])).code, 0)
    const state = (await pulumi(['stack', 'export'])).output
    assert.doesNotMatch(state, /b3BlbiBzZXNhbWU=/)
    const replaced = await pulumi(['up', ...quietly], { NODES: '5' })
    assert.match(replaced.output, /~ 2 updated\n\s+\+-1 replaced\n.* 3 unchanged/)
    const imported = await pulumi(['import', 'aws:ec2/launchTemplate:LaunchTemplate', 'there', 'lt-0000000000000', '--yes', '--non-interactive'])
    assert.notEqual(imported.code, 0)
    assert.match(imported.output, /does not exist/)
    const found = await pulumi(['import', 'aws:autoscaling/group:Group', 'web', 'web@us-east-1', '--yes', '--non-interactive', '--generate-code=false'])
    assert.equal(found.code, 0, found.output)
    assert.match((await pulumi(['stack', 'export'])).output, /"urn": "urn:pulumi:one::providers::aws:autoscaling\/group:Group::web"/)
  })

  test('keeps a group that came up short, says by how many, and takes fewer', { timeout: 300_000 }, async (context) => {
    const pulumi = await aPulumiProject(context, 28)
    const short = await pulumi(['up', ...quietly], { NODES: '9', WAIT: '10m' })
    assert.notEqual(short.code, 0)
    assert.match(short.output, /InsufficientCapacity: short by 2 nodes: quota: 0 of on-demand vCPUs are left in aws\/us-east-1, 4 needed/)
    assert.match((await pulumi(['stack', '--show-urns'])).output, /aws:autoscaling\/group:Group +node/)
    const fewer = await pulumi(['up', ...quietly], { NODES: '7', WAIT: '10m' })
    assert.equal(fewer.code, 0, fewer.output)
    const refused = await pulumi(['up', ...quietly], { NODES: '10' })
    assert.notEqual(refused.code, 0)
    assert.match(refused.output, /is 10, outside minSize 0 to maxSize 9/)
  })
})

test('the program is found through a checkout that is linked to, and serves the version of the installed package', { timeout: 30_000 }, async (context) => {
  const directory = aTemporaryFolder(context)
  symlinkSync(join(root, 'src'), join(directory, 'src'))
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  const provider = spawn(join(directory, 'src/sandbox/provider/bin/pulumi-resource-aws'), { stdio: ['ignore', 'pipe', 'inherit'] })
  context.after(() => provider.kill())
  const [line] = (await once(provider.stdout, 'data')) as [Buffer]
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/@pulumi/aws/package.json'), 'utf8')) as { version: string }
  assert.equal(await pluginVersion(Number(line.toString().trim())), version)
})

async function pluginVersion(port: number): Promise<string> {
  const { ProviderClient } = await import('./provider-client.ts')
  const client = new ProviderClient(port)
  try {
    return await client.version()
  } finally {
    client.close()
  }
}
