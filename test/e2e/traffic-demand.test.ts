import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyStep } from '../../src/app/steps/apply-step.ts'
import { observeStep } from '../../src/app/steps/observe-step.ts'
import { seeThrough } from '../../src/app/steps/see-through.ts'
import type { DesiredTarget } from '../../src/domain/desired-state.ts'
import { allRegions, anAppProject, aPool, applyAll, aState, iowa, virginia } from './app-project.ts'

const settings = `    traffic:
      dns: cloud-dns
      managedZone: shop
      domain: web.shop.example
      ttl: 60s
      endpoints: { aws/us-east-1: lb-1.example, aws/eu-west-1: lb-2.example, gcp/us-central1: lb-3.example, azure/eastus: lb-4.example }
moves: { drain: 2m }
`

test('a move by its phases leaves no request unserved; weights that a hand sets too early do, until they are repaired', async () => {
  await using site = await anAppProject(settings)
  /** Nodes in Virginia and Iowa, and the percent of users that each gets. */
  const plan = (nodes: readonly [number, number], was: readonly [number, number], weights: readonly [number, number]): void => {
    const targets: readonly DesiredTarget[] = [{ region: 'aws/us-east-1', endpoint: 'lb-1.example', weight: weights[0] }, { region: 'gcp/us-central1', endpoint: 'lb-3.example', weight: weights[1] }]
    const set = { dns: 'cloud-dns', workload: 'web', userZone: 'us-east', ttlSeconds: 60, managedZone: 'shop', name: 'web.shop.example', targets } as const
    site.plan(
      ...allRegions.map((region) => {
        const at = region === virginia ? 0 : region === iowa ? 1 : undefined
        return aState(region, at === undefined ? [] : [aPool(region, nodes[at], was[at])], region === iowa ? { records: [set] } : {})
      }),
    )
  }
  const cycle = async (drift: 'report' | 'repair' = 'report'): Promise<void> => {
    const options = { ...applyAll, drift }
    await seeThrough(site.project, options, await observeStep(site.project, await applyStep(site.project, options)))
  }
  let before = 0
  /** Requests that nobody served since this was asked last. */
  const dropped = (): number => {
    const now = site.cloud.summary().service['web']?.dropped ?? 0
    const since = now - before
    before = now
    return since
  }
  const counts = () => site.cloud.liveCounts([virginia, iowa]).pools.map(({ desired }) => desired)

  plan([30, 0], [0, 0], [100, 0])
  await cycle()
  await site.cloud.advance(900)
  dropped()

  plan([0, 30], [30, 0], [0, 100])
  await cycle()
  await site.cloud.advance(900)
  assert.deepEqual([counts(), dropped()], [[0, 30], 0])

  plan([0, 30], [0, 30], [0, 100])
  site.cloud.setWeight('web.shop.example', 'lb-1.example', 100)
  await site.cloud.advance(900)
  assert.ok(dropped() > 100_000, 'half of the users are sent to where no node is')
  await cycle('repair')
  await site.cloud.advance(900)
  dropped()
  await site.cloud.advance(900)
  assert.equal(dropped(), 0)
})
