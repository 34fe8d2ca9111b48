import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { readAudit } from '../../src/app/audit.ts'
import { projectStatus } from '../../src/app/status.ts'
import { applyStep, type StackApplied } from '../../src/app/steps/apply-step.ts'
import type { DesiredRecord } from '../../src/domain/desired-state.ts'
import type { RegionKey } from '../../src/domain/pool.ts'
import { allRegions, anAppProject, aPool, applyAll, aState, azureEast, iowa, virginia } from './app-project.ts'

const endpoints = 'endpoints: { aws/us-east-1: lb-1.example, aws/eu-west-1: lb-2.example, gcp/us-central1: lb-3.example, azure/eastus: lb-4.example }'
const common = { workload: 'web', userZone: 'us-east', ttlSeconds: 60 }
const targets = (weight: number) => [
  { region: 'aws/us-east-1', endpoint: 'lb-1.example', weight },
  { region: 'gcp/us-central1', endpoint: 'lb-3.example', weight: 100 - weight },
]

interface Service {
  readonly title: string
  readonly settings: string
  readonly name: string
  /** Records of a region's stack when Virginia gets so many percent, and Iowa the rest. */
  readonly records: (region: RegionKey, weight: number) => readonly DesiredRecord[]
  readonly drift: string
}

const services: readonly Service[] = [
  {
    title: 'Route 53',
    settings: 'dns: route53\n      zoneId: Z1\n      domain: web.shop.example',
    name: 'web.shop.example',
    records: (region, weight) =>
      region === virginia || region === iowa
        ? [{ ...common, zoneId: 'Z1', name: 'web.shop.example', endpoint: region === virginia ? 'lb-1.example' : 'lb-3.example', weight: region === virginia ? weight : 100 - weight }]
        : [],
    drift: 'web from us-east: weight of aws/us-east-1 is 0, wanted 60, changed',
  },
  {
    title: 'Cloud DNS',
    settings: 'dns: cloud-dns\n      managedZone: shop\n      domain: web.shop.example',
    name: 'web.shop.example',
    records: (region, weight) => (region === iowa ? [{ dns: 'cloud-dns', ...common, managedZone: 'shop', name: 'web.shop.example', targets: targets(weight) }] : []),
    drift: 'web from us-east: weights are aws/us-east-1 0, gcp/us-central1 40, wanted aws/us-east-1 60, gcp/us-central1 40, changed',
  },
  {
    title: 'Traffic Manager',
    settings: 'dns: traffic-manager\n      resourceGroup: sandbox-eastus\n      profile: shop-web',
    name: 'shop-web.trafficmanager.net',
    records: (region, weight) =>
      region === azureEast
        ? [{ dns: 'traffic-manager', ...common, resourceGroup: 'sandbox-eastus', name: 'shop-web', monitor: { protocol: 'HTTPS', port: 443, path: '/' }, targets: targets(weight) }]
        : [],
    drift: 'web from us-east: weights are aws/us-east-1 0, gcp/us-central1 40, wanted aws/us-east-1 60, gcp/us-central1 40, changed',
  },
]

suite('weights that a person changes', { concurrency: false }, () => {
  for (const { title, settings, name, records, drift } of services) {
    test(`${title}: told and left, what is lowered waits; a repair puts them back, and only after draining it goes`, async () => {
      await using site = await anAppProject(`    traffic:\n      ${settings}\n      ${endpoints}\nmoves: { drain: 2m }\n`)
      const plan = (weight: number, nodes: number, was: number): void =>
        site.plan(
          ...allRegions.map((region) =>
            aState(region, region === virginia || region === iowa ? [aPool(region, nodes, was)] : [], records(region, weight).length > 0 ? { records: records(region, weight) } : {}),
          ),
        )
      const weights = (): readonly (readonly [string, number])[] =>
        (site.cloud.liveCounts([]).records ?? []).flatMap((record) => record.targets.map(({ endpoint, weight }) => [endpoint, weight] as const)).sort()
      const counts = () => site.cloud.liveCounts([virginia, iowa]).pools.map(({ desired }) => desired)
      const told = async () => (await projectStatus(site.project)).drifts.map(({ sentence }) => sentence)
      const ran = (applied: readonly StackApplied[]) => applied.flatMap(({ stack, run }) => (run === undefined ? [] : [stack]))
      const apply = () => applyStep(site.project, applyAll)

      plan(60, 4, 0)
      await apply()
      await site.cloud.advance(600)
      await apply()
      assert.deepEqual([weights(), await told()], [[['lb-1.example', 60], ['lb-3.example', 40]], []])

      site.cloud.setWeight(name, 'lb-1.example', 0)
      const byHand = [['lb-1.example', 0], ['lb-3.example', 40]]
      assert.deepEqual(await told(), [`${drift} by someone else`])
      plan(60, 4, 4)
      assert.equal((await apply()).flatMap(({ drifts }) => drifts).length, 1)
      await site.cloud.advance(3600)
      assert.deepEqual(ran(await apply()), [], 'what was taken over costs no engine')
      assert.deepEqual([weights(), await told()], [byHand, [`${drift} by hand`]])
      assert.deepEqual((await readAudit(site.project, 50)).filter(({ kind }) => kind === 'drift').map(({ what }) => what), [`${drift} by someone else`])

      plan(50, 2, 4)
      const held = await apply()
      assert.deepEqual([weights(), counts()], [byHand, [4, 4]], 'a plan neither moves what others made nor lowers what they may need')
      const reason = 'web: 4 nodes to be lowered stay while others steer its traffic; prescale apply --repair takes it back'
      assert.deepEqual(held.filter(({ verdict }) => verdict.kind === 'held').map(({ verdict }) => 'reason' in verdict && verdict.reason).at(0), reason)

      await applyStep(site.project, { ...applyAll, drift: 'repair' })
      assert.deepEqual([weights(), counts(), await told()], [[['lb-1.example', 50], ['lb-3.example', 50]], [4, 4], []])
      await site.cloud.advance(60)
      await apply()
      assert.deepEqual(counts(), [4, 4], 'users who were sent elsewhere until now may still be there')
      await site.cloud.advance(60)
      await apply()
      assert.deepEqual(counts(), [2, 2])
    })
  }

  test('by policy they are put back by the next cycle; a record that was deleted is made again in any case', async () => {
    const [route53] = services
    assert.ok(route53)
    await using site = await anAppProject(`    traffic:\n      ${route53.settings}\n      ${endpoints}\ndrift: repair\nmoves: { drain: 2m }\n`)
    site.plan(...allRegions.map((region) => aState(region, region === virginia ? [aPool(region, 2, 0)] : [], region === virginia ? { records: route53.records(region, 60) } : {})))
    const apply = () => applyStep(site.project, applyAll)
    const weights = () => (site.cloud.liveCounts([]).records ?? []).flatMap((record) => record.targets.map(({ weight }) => weight))
    await apply()
    await site.cloud.advance(600)
    await apply()
    site.plan(aState(virginia, [aPool(virginia, 2, 2)], { records: route53.records(virginia, 60) }))
    site.cloud.setWeight(route53.name, 'lb-1.example', 7)
    await apply()
    assert.deepEqual(weights(), [60])
    site.cloud.deleteName(route53.name)
    assert.deepEqual((await projectStatus(site.project)).drifts.map(({ sentence }) => sentence), ['web from us-east: what sends users to regions is gone from aws-us-east-1, deleted by hand'])
    await applyStep(site.project, { ...applyAll, drift: 'report' })
    assert.deepEqual(weights(), [60])
  })
})
