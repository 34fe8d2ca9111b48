import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { applyStep, type StackApplied } from '../../src/app/steps/apply-step.ts'
import { observeStep } from '../../src/app/steps/observe-step.ts'
import { seeThrough } from '../../src/app/steps/see-through.ts'
import type { DesiredRecord, DesiredState } from '../../src/domain/desired-state.ts'
import { type RegionKey, regionName } from '../../src/domain/pool.ts'
import { StateFolder } from '../../src/sandbox/state-folder.ts'
import { allRegions, anAppProject, aPool, type AppProject, applyAll, aState, iowa, virginia } from './app-project.ts'

const settings = `    traffic:
      dns: route53
      zoneId: Z1
      domain: web.shop.example
      endpoints: { aws/us-east-1: lb-1.example, aws/eu-west-1: lb-2.example, gcp/us-central1: lb-3.example, azure/eastus: lb-4.example }
moves: { drain: 2m }
`

suite('traffic of a workload that moves between clouds', { concurrency: false }, () => {
  let site: AppProject
  const record = (region: RegionKey, weight: number): DesiredRecord => ({
    workload: 'web', userZone: 'us-east', zoneId: 'Z1', name: 'web.shop.example', endpoint: `lb.${region.region}.example`, ttlSeconds: 60, weight,
  })
  const state = (region: RegionKey, nodes: number, was: number, weight: number): DesiredState => aState(region, [aPool(region, nodes, was)], { records: [record(region, weight)] })
  const others = allRegions.filter((region) => region !== virginia && region !== iowa).map((region) => aState(region, []))
  /** Weight by region, as Route 53 answers. */
  const weights = (): Readonly<Record<string, unknown>> =>
    Object.fromEntries(
      Object.values(new StateFolder(join(site.directory, '.prescale', 'sandbox'), () => 0).snapshot().resources)
        .filter(({ token }) => token === 'aws:route53/record:Record')
        .map(({ inputs }) => [String(inputs['setIdentifier']), (inputs['weightedRoutingPolicies'] as readonly { weight: number }[])[0]?.weight]),
    )
  const counts = () => site.cloud.liveCounts([virginia, iowa]).pools.map(({ desired }) => desired)
  const waits = (applied: readonly StackApplied[]) => [...new Set(applied.flatMap(({ waits: told }) => told))]
  const inVirginia = { [regionName(virginia)]: 100, [regionName(iowa)]: 0 }
  const inIowa = { [regionName(virginia)]: 0, [regionName(iowa)]: 100 }

  before(async () => {
    site = await anAppProject(settings)
    site.plan(...others, state(virginia, 4, 0, 100), state(iowa, 0, 0, 0))
  })
  after(() => site[Symbol.asyncDispose]())

  test('no name leads to a region before its nodes are ready', async () => {
    const requested = await applyStep(site.project, applyAll)
    assert.deepEqual([counts(), weights()], [[4, 0], {}])
    await seeThrough(site.project, applyAll, await observeStep(site.project, requested))
    assert.deepEqual(weights(), inVirginia)
  })

  test('weights follow when the new nodes are ready, the old ones drain, and only then they are lowered', async () => {
    await site.cloud.advance(600)
    site.plan(...others, state(virginia, 0, 4, 0), state(iowa, 4, 0, 100))
    assert.deepEqual(waits(await applyStep(site.project, applyAll)), ['web: 4 nodes to be lowered stay until 4 more nodes are ready'])
    assert.deepEqual([counts(), weights()], [[4, 4], inVirginia])
    await site.cloud.advance(600)
    await applyStep(site.project, applyAll)
    assert.deepEqual([counts(), weights()], [[4, 4], inIowa])
    await site.cloud.advance(60)
    assert.deepEqual(waits(await applyStep(site.project, applyAll)), ['web: 4 nodes to be lowered drain'])
    assert.deepEqual(counts(), [4, 4])
    await site.cloud.advance(60)
    await applyStep(site.project, applyAll)
    assert.deepEqual([counts(), weights()], [[0, 4], inIowa])
  })

  test('where the new nodes do not come, traffic stays where it is', async () => {
    site.cloud.setFaults({ scarce: [{ ...virginia, nodes: 1 }] })
    site.plan(...others, state(virginia, 4, 0, 100), state(iowa, 0, 4, 0))
    await seeThrough(site.project, applyAll, await observeStep(site.project, await applyStep(site.project, applyAll)))
    assert.deepEqual([counts(), weights()], [[4, 4], inIowa])
    site.cloud.setFaults({ scarce: [] })
  })
})
