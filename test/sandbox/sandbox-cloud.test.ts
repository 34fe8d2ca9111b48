import assert from 'node:assert/strict'
import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { loadCatalogue } from '../../src/config/load-settings.ts'
import type { Catalogue } from '../../src/config/schema.ts'
import { Problem } from '../../src/domain/problem.ts'
import { createResource } from '../../src/sandbox/cloud-calls.ts'
import { SandboxCloud } from '../../src/sandbox/sandbox-cloud.ts'
import { StateFolder } from '../../src/sandbox/state-folder.ts'
import { aTemporaryFolder, groupInputs, groupToken, hour, instanceTemplateToken, managerToken, scaleSetToken, scope, templateInputs, templateToken } from './a-world.ts'

const data = fileURLToPath(new URL('../../data', import.meta.url))
const catalogue: Catalogue = loadCatalogue(readFileSync(fileURLToPath(new URL('../../catalogue.yaml', import.meta.url)), 'utf8'), 'catalogue.yaml')

const regions = [
  { cloud: 'aws', region: 'us-east-1' },
  { cloud: 'gcp', region: 'us-central1' },
  { cloud: 'azure', region: 'eastus' },
] as const

/** The bundled scenario, without its history, in a folder of its own. */
async function aSandbox(context: TestContext): Promise<{ readonly cloud: SandboxCloud; readonly directory: string; readonly scenarioFile: string }> {
  const root = aTemporaryFolder(context)
  mkdirSync(join(root, 'data'))
  for (const name of readdirSync(data)) copyFileSync(join(data, name), join(root, 'data', name))
  const scenarioFile = join(root, 'data', 'scenario.yaml')
  writeFileSync(scenarioFile, readFileSync(scenarioFile, 'utf8').replace(/^historyDays: .*$/m, 'historyDays: 1'))
  const directory = join(root, 'sandbox')
  return { cloud: await SandboxCloud.open(directory, { scenarioFile, catalogue }), directory, scenarioFile }
}

/** One group in each of three clouds, as a program declares them, and a group that is no pool. */
function furnish(directory: string): void {
  new StateFolder(directory, () => 0).change((state, world) => {
    const create = (token: string, inputs: Readonly<Record<string, unknown>>) => createResource(state, world, token, inputs, scope)
    create(templateToken, templateInputs({ instanceType: 'm6i.2xlarge', instanceMarketOptions: { marketType: 'spot' } }))
    create(groupToken, groupInputs({ minSize: 1 }))
    create(groupToken, groupInputs({ name: 'foreign', tags: [] }))
    create(instanceTemplateToken, { name: 'web', machineType: 'n2d-standard-4', disks: [{}], labels: { 'prescale-workload': 'web' } })
    create(managerToken, { name: 'web', region: 'us-central1', baseInstanceName: 'web', versions: [{ instanceTemplate: 'web' }], targetSize: 4 })
    create(scaleSetToken, {
      vmScaleSetName: 'web',
      resourceGroupName: 'sandbox-eastus',
      location: 'eastus',
      sku: { name: 'Standard_D8as_v4', capacity: 2 },
      tags: { 'prescale-workload': 'web' },
    })
  })
}

test('groups that carry a workload are read as pools, in the regions that are asked for', async (context) => {
  const { cloud, directory } = await aSandbox(context)
  furnish(directory)
  await cloud.advance(900)
  const { atSeconds, pools } = await cloud.read(regions, new AbortController().signal)
  assert.equal(atSeconds, cloud.now())
  assert.deepEqual(pools, [
    { cloud: 'aws', region: 'us-east-1', workload: 'web', type: 'm6i.2xlarge', option: 'spot', group: 'web', min: 1, desired: 3, max: 50, ready: 3 },
    { cloud: 'azure', region: 'eastus', workload: 'web', type: 'Standard_D8as_v4', option: 'on-demand', group: 'web', min: 0, desired: 2, max: 1000, ready: 2 },
    { cloud: 'gcp', region: 'us-central1', workload: 'web', type: 'n2d-standard-4', option: 'on-demand', group: 'web', min: 0, desired: 4, max: 2000, ready: 4 },
  ])
  assert.deepEqual(cloud.liveCounts([{ cloud: 'aws', region: 'eu-west-1' }]).pools, [])
})

test('a hand moves a count within the bounds, and deletes a group', async (context) => {
  const { cloud, directory } = await aSandbox(context)
  furnish(directory)
  const [aws] = regions
  const counts = () => cloud.liveCounts([aws]).pools.map(({ desired }) => desired)
  cloud.setDesired({ ...aws, group: 'web' }, 70)
  assert.deepEqual(counts(), [50])
  cloud.deleteGroup({ ...aws, group: 'web' })
  assert.deepEqual(counts(), [])
  assert.throws(() => cloud.setDesired({ ...aws, group: 'web' }, 1), (error) => {
    assert.ok(error instanceof Problem && error.code === 'sandbox-refused')
    assert.match(error.message, /refuses: NotFound: aws\/us-east-1 has no group web/)
    return true
  })
})

test('clouds in a format of another version are refused with the way out', async (context) => {
  const { directory, scenarioFile } = await aSandbox(context)
  const file = join(directory, 'state.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"format":\d+/, '"format":0'))
  const cloud = await SandboxCloud.open(directory, { scenarioFile, catalogue })
  assert.throws(() => cloud.now(), (error) => error instanceof Problem && error.code === 'sandbox-unusable')
  cloud.reset()
  assert.equal(cloud.now(), cloud.summary().startSeconds)
})

test('the summary adds up demand, service, nodes and what was spent since the start', async (context) => {
  const { cloud, directory } = await aSandbox(context)
  furnish(directory)
  const steps: { readonly demand: number; readonly served: number }[] = []
  await cloud.advance(hour, (step) => steps.push(...step.workloads.filter(({ workload }) => workload === 'web')))
  const { service, nodes, usdSpent, usdPerHour } = cloud.summary()
  assert.equal(steps.length, 12)
  assert.equal(service['web']?.demand, steps.reduce((sum, { demand }) => sum + demand, 0))
  assert.equal(service['web']?.served, steps.reduce((sum, { served }) => sum + served, 0))
  assert.deepEqual(nodes, { ordered: 0, booting: 0, ready: 12, draining: 0 })
  // six spot m6i.2xlarge, four n2d-standard-4, two Standard_D8as_v4
  const price = (cloudName: string, type: string, region: string, option: 'on-demand' | 'spot'): number =>
    catalogue.types.find((candidate) => candidate.cloud === cloudName && candidate.type === type)?.usdPerHour[region]?.[option] ?? NaN
  const expected = 6 * price('aws', 'm6i.2xlarge', 'us-east-1', 'spot') + 4 * price('gcp', 'n2d-standard-4', 'us-central1', 'on-demand') + 2 * price('azure', 'Standard_D8as_v4', 'eastus', 'on-demand')
  assert.ok(Math.abs(usdPerHour - expected) < 1e-9)
  assert.ok(usdSpent > 0.99 * expected && usdSpent < expected)
})

test('what is opened again is as it was left; a reset takes it back to the start', async (context) => {
  const { cloud, directory, scenarioFile } = await aSandbox(context)
  const start = cloud.now()
  furnish(directory)
  await cloud.advance(hour)
  const again = await SandboxCloud.open(directory, { scenarioFile, catalogue })
  assert.deepEqual([again.now(), again.liveCounts(regions).pools.length], [start + hour, 3])
  again.reset()
  assert.deepEqual([cloud.now(), cloud.liveCounts(regions).pools, cloud.summary().usdSpent], [start, [], 0])
  assert.deepEqual(readdirSync(join(directory, 'metrics')), ['demand'])
})

test('another scenario is refused until the clouds are started anew; another comment is not', async (context) => {
  const { cloud, directory, scenarioFile } = await aSandbox(context)
  appendFileSync(scenarioFile, '# a remark\n')
  await SandboxCloud.open(directory, { scenarioFile, catalogue })
  await cloud.advance(hour)
  writeFileSync(scenarioFile, readFileSync(scenarioFile, 'utf8').replace(/^seed: .*$/m, 'seed: 2'))
  const other = await SandboxCloud.open(directory, { scenarioFile, catalogue })
  assert.throws(() => other.now(), (error) => error instanceof Problem && error.code === 'sandbox-scenario-changed')
  await assert.rejects(other.advance(300), (error) => error instanceof Problem && error.code === 'sandbox-scenario-changed')
  other.reset()
  assert.equal(other.now(), cloud.summary().startSeconds)
  await SandboxCloud.open(directory, { scenarioFile, catalogue })
})

test('a changed catalogue is taken over: new nodes have new prices, old ones keep theirs', async (context) => {
  const { directory, scenarioFile } = await aSandbox(context)
  furnish(directory)
  const [aws] = regions
  const dearer: Catalogue = {
    ...catalogue,
    types: catalogue.types.map((type) => (type.type === 'm6i.2xlarge' ? { ...type, usdPerHour: { 'us-east-1': { 'on-demand': 1000, spot: 1000 } } } : type)),
  }
  const cloud = await SandboxCloud.open(directory, { scenarioFile, catalogue: dearer })
  await cloud.advance(900)
  assert.ok(cloud.summary().usdPerHour < 10)
  cloud.setDesired({ ...aws, group: 'web' }, 4)
  await cloud.advance(900)
  assert.ok(cloud.summary().usdPerHour > 1000)
})

test('a scenario with faults is refused with all of them, by their paths', async (context) => {
  const { cloud, directory, scenarioFile } = await aSandbox(context)
  const text = readFileSync(scenarioFile, 'utf8')
  writeFileSync(scenarioFile, text.replace('trace: nasa', 'trace: nowhere').replace(/recordedAt: 2014-10-06/, 'recordedAt: 2014-10-07'))
  await assert.rejects(SandboxCloud.open(`${directory}-other`, { scenarioFile, catalogue }), (error) => {
    assert.ok(error instanceof Problem && error.code === 'input-invalid')
    assert.match(error.message, /workloads\.0\.trace: names no trace: nowhere/)
    assert.match(error.message, /workloads\.1\.recordedAt: must lie a whole number of weeks before the start/)
    return true
  })
  // A reset from such a scenario, or from one whose traces are missing, leaves the clouds that are there.
  const before = cloud.now()
  assert.throws(() => cloud.reset(), (error) => error instanceof Problem && error.code === 'input-invalid')
  writeFileSync(scenarioFile, text.replace('nasa-http-1995.csv.gz', 'gone.csv.gz'))
  assert.throws(() => cloud.reset(), (error) => error instanceof Problem && error.code === 'file-missing')
  assert.equal(cloud.now(), before)
})

test('time passes in whole seconds and never backwards', async (context) => {
  const { cloud } = await aSandbox(context)
  await assert.rejects(cloud.advance(-1), RangeError)
  await assert.rejects(cloud.advance(0.5), RangeError)
})

test('faults meet the nodes at once: a lost region has none, and they come back after it', async (context) => {
  const { cloud, directory } = await aSandbox(context)
  furnish(directory)
  await cloud.advance(900)
  cloud.setFaults({ lostRegions: ['aws/us-east-1'] })
  assert.equal(cloud.liveCounts([regions[0]]).pools[0]?.ready, 0)
  cloud.setFaults({ lostRegions: [] })
  await cloud.advance(900)
  assert.equal(cloud.liveCounts([regions[0]]).pools[0]?.ready, 3)
})
