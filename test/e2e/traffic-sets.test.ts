import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { applyStep, type StackApplied } from '../../src/app/steps/apply-step.ts'
import type { DesiredRecord, DesiredState, DesiredTarget } from '../../src/domain/desired-state.ts'
import { type RegionKey, regionName } from '../../src/domain/pool.ts'
import { listAt, numberAt, textAt, type Inputs } from '../../src/sandbox/inputs.ts'
import { StateFolder } from '../../src/sandbox/state-folder.ts'
import { allRegions, anAppProject, aPool, applyAll, aState, iowa, virginia } from './app-project.ts'

const eastus: RegionKey = { cloud: 'azure', region: 'eastus' }
const endpoints = 'endpoints: { aws/us-east-1: lb-1.example, aws/eu-west-1: lb-2.example, gcp/us-central1: lb-3.example, azure/eastus: lb-4.example }'
const common = { workload: 'web', userZone: 'us-east', ttlSeconds: 60 }

interface SetCase {
  readonly title: string
  readonly settings: string
  /** The region whose stack holds the set. */
  readonly holder: RegionKey
  readonly record: (targets: readonly DesiredTarget[]) => DesiredRecord
  readonly token: string
  /** Weight of each answer that the name gives, by target. */
  readonly answers: (inputs: Inputs) => Readonly<Record<string, unknown>>
}

const cases: readonly SetCase[] = [
  {
    title: 'Cloud DNS',
    settings: `dns: cloud-dns\n      managedZone: shop\n      domain: web.shop.example`,
    holder: iowa,
    record: (targets) => ({ dns: 'cloud-dns', ...common, managedZone: 'shop', name: 'web.shop.example', targets }),
    token: 'gcp:dns/recordSet:RecordSet',
    answers: (inputs) => Object.fromEntries(listAt(inputs, 'routingPolicy.wrrs').filter((item) => numberAt(item, 'weight') !== 0).map((item) => [textAt(item, 'rrdatas.0'), numberAt(item, 'weight')])),
  },
  {
    title: 'Traffic Manager',
    settings: `dns: traffic-manager\n      resourceGroup: sandbox-eastus\n      profile: shop-web`,
    holder: eastus,
    record: (targets) => ({
      dns: 'traffic-manager', ...common, resourceGroup: 'sandbox-eastus', name: 'shop-web', monitor: { protocol: 'HTTPS', port: 443, path: '/' }, targets,
    }),
    token: 'azure-native:trafficmanager:Profile',
    answers: (inputs) =>
      Object.fromEntries(listAt(inputs, 'endpoints').filter((item) => textAt(item, 'endpointStatus') === 'Enabled').map((item) => [`${textAt(item, 'target') ?? ''}.`, numberAt(item, 'weight')])),
  },
]

for (const { title, settings, holder, record, token, answers } of cases) {
  test(`${title} gets its weights after nodes are ready, and nodes that it leaves drain before they are lowered`, async () => {
    await using site = await anAppProject(`    traffic:\n      ${settings}\n      ${endpoints}\nmoves: { drain: 2m }\n`)
    const states = (virginiaNodes: readonly [number, number], iowaNodes: readonly [number, number], weights: readonly [number, number]): DesiredState[] => {
      const records = [record([{ region: 'aws/us-east-1', endpoint: 'lb-1.example', weight: weights[0] }, { region: 'gcp/us-central1', endpoint: 'lb-3.example', weight: weights[1] }])]
      const pools = (region: RegionKey) => (region === virginia ? [aPool(virginia, ...virginiaNodes)] : region === iowa ? [aPool(iowa, ...iowaNodes)] : [])
      return allRegions.map((region) => aState(region, pools(region), regionName(region) === regionName(holder) ? { records } : {}))
    }
    const live = () => Object.values(new StateFolder(join(site.directory, '.prescale', 'sandbox'), () => 0).snapshot().resources).filter((resource) => resource.token === token).map(({ inputs }) => answers(inputs))
    const counts = () => site.cloud.liveCounts([virginia, iowa]).pools.map(({ desired }) => desired)
    const waits = (applied: readonly StackApplied[]) => [...new Set(applied.flatMap(({ waits: told }) => told))]

    site.plan(...states([4, 0], [0, 0], [100, 0]))
    await applyStep(site.project, applyAll)
    assert.deepEqual([counts(), live()], [[4, 0], []])
    await site.cloud.advance(600)
    await applyStep(site.project, applyAll)
    assert.deepEqual(live(), [{ 'lb-1.example.': 100 }])

    site.plan(...states([0, 4], [4, 0], [0, 100]))
    assert.deepEqual(waits(await applyStep(site.project, applyAll)), ['web: 4 nodes to be lowered stay until 4 more nodes are ready'])
    assert.deepEqual([counts(), live()], [[4, 4], [{ 'lb-1.example.': 100 }]])
    await site.cloud.advance(600)
    await applyStep(site.project, applyAll)
    assert.deepEqual([counts(), live()], [[4, 4], [{ 'lb-3.example.': 100 }]])
    await site.cloud.advance(60)
    assert.deepEqual(waits(await applyStep(site.project, applyAll)), ['web: 4 nodes to be lowered drain'])
    await site.cloud.advance(60)
    await applyStep(site.project, applyAll)
    assert.deepEqual([counts(), live()], [[0, 4], [{ 'lb-3.example.': 100 }]])
  })
}
