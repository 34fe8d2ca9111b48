import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DesiredPool } from '../../src/domain/desired-state.ts'
import type { LivePool } from '../../src/domain/observation.ts'
import type { Plan, PoolPlan } from '../../src/domain/plan.ts'
import { desiredStates } from '../../src/plan/desired-states.ts'
import { origin, someSettings } from './some-settings.ts'

const serves = 'serves: { perUnit: { vcpu: 0.1 } }'

function aPool(counts: readonly number[], more: Partial<PoolPlan> = {}): PoolPlan {
  return { cloud: 'aws', region: 'us-east-1', workload: 'web', type: 'm7g.xlarge', option: 'spot', live: 0, counts, usdPerNodeHour: 0.05, throughputPerNode: 40, driver: 'demand', reason: 'why', ...more }
}
function aPlan(pools: readonly PoolPlan[]): Plan {
  const cost = { nodesUsd: 0, startsUsd: 0, routingUsd: 0, sentUsd: 0, movedUsd: 0, sunkUsd: 0, totalUsd: 0, lowerBoundUsd: 0, usdPerHourNow: 0, usdPerHourPlanned: 0 }
  return {
    originSeconds: origin, grid: { startSeconds: origin, stepSeconds: 3600, length: pools[0]?.counts.length ?? 24 }, pools, traffic: [], shortages: [], binding: [],
    cost, quantile: 0.9, inputs: { settings: '', catalogue: '', forecasts: '', live: '' }, id: 'plan',
  }
}
function poolsIn(plan: Plan, workload = serves, live: readonly LivePool[] = []): readonly DesiredPool[] {
  return desiredStates(plan, someSettings(workload), { atSeconds: origin, pools: live })[0]?.pools ?? []
}
const day = (change: (hour: number) => number): number[] => Array.from({ length: 24 }, (_, hour) => change(hour))

test('every configured region has a desired state, also one without pools', () => {
  const states = desiredStates(aPlan([aPool([1])]), someSettings(), { atSeconds: origin, pools: [] })
  assert.deepEqual(states.map(({ cloud, region, pools }) => [cloud, region, pools.length]), [['aws', 'us-east-1', 1], ['gcp', 'europe-west1', 0]])
})

test('a count that stays the same has no schedule', () => {
  assert.deepEqual(poolsIn(aPlan([aPool(day(() => 4))])).map(({ min, desired, max, schedule }) => [min, desired, max, schedule]), [[4, 4, 4, []]])
})

test('a raise is scheduled a lead time before its step, a lowering at its step', () => {
  const [pool] = poolsIn(aPlan([aPool(day((hour) => (hour === 2 ? 6 : 4)))]), `${serves}\nleadTime: 5m`)
  assert.deepEqual(pool?.schedule.map(({ minuteOfDay, desired }) => [minuteOfDay, desired]), [[13 * 60 + 55, 6], [15 * 60, 4]])
  assert.equal(pool?.desired, 4)
})

test('a lead time of ninety seconds is two minutes of a schedule, not one', () => {
  const [pool] = poolsIn(aPlan([aPool(day((hour) => (hour === 2 ? 6 : 4)))]), `${serves}\nleadTime: 90s`)
  assert.deepEqual(pool?.schedule.map(({ minuteOfDay, desired }) => [minuteOfDay, desired]), [[13 * 60 + 58, 6], [15 * 60, 4]])
})

test('what is needed within the lead time is ordered now', () => {
  const [pool] = poolsIn(aPlan([aPool(day((hour) => (hour === 1 ? 9 : 4)))]), `${serves}\nleadTime: 1h`)
  assert.equal(pool?.desired, 9)
})

test('a live pool that the plan does not hold is drained, not forgotten', () => {
  const live: LivePool = { cloud: 'aws', region: 'us-east-1', workload: 'web', type: 'm5.large', option: 'on-demand', group: 'web-m5-large-on-demand', min: 3, desired: 3, max: 3, ready: 3 }
  const drained = poolsIn(aPlan([aPool([1])]), serves, [live]).find(({ type }) => type === 'm5.large')
  assert.deepEqual([drained?.was, drained?.min, drained?.desired, drained?.schedule], [3, 0, 0, []])
})

test('where only bounds are owned, the cloud’s autoscaler has room above the planned count', () => {
  const [pool] = poolsIn(aPlan([aPool(day(() => 4))]), `${serves}\nowns: bounds`)
  assert.deepEqual([pool?.min, pool?.desired, pool?.max], [4, 4, 6])
})

test('pools are sorted by group, and the state expires with the settings', () => {
  const states = desiredStates(aPlan([aPool([1], { option: 'spot' }), aPool([1], { option: 'on-demand' })]), someSettings(), { atSeconds: origin, pools: [] })
  assert.deepEqual(states[0]?.pools.map(({ group }) => group), ['web-m7g-xlarge-on-demand', 'web-m7g-xlarge-spot'])
  assert.equal(states[0]?.expiresSeconds, origin + 3 * 3600)
})

test('traffic that is prescale’s has a weighted record in each region and user zone, also where the share is nothing', () => {
  const traffic = 'traffic: { dns: route53, zoneId: Z1, domain: web.example, endpoints: { aws/us-east-1: lb-1.example, gcp/europe-west1: lb-2.example } }'
  const share = { cloud: 'aws', region: 'us-east-1', workload: 'web', userZone: 'east', shares: [0.254] } as const
  const states = desiredStates({ ...aPlan([aPool([1])]), traffic: [share] }, someSettings(`${serves}\n${traffic}`), { atSeconds: origin, pools: [] })
  assert.deepEqual(
    states.map(({ records }) => records?.map((record) => ('dns' in record ? record.dns : `${record.name} ${record.endpoint} ${record.weight} ${record.ttlSeconds}`))),
    [
      ['east.web.example lb-1.example 25 60', 'west.web.example lb-1.example 0 60'],
      ['east.web.example lb-2.example 0 60', 'west.web.example lb-2.example 0 60'],
    ],
  )
  assert.equal(desiredStates(aPlan([aPool([1])]), someSettings(), { atSeconds: origin, pools: [] })[0]?.records, undefined)
})

test('in a cluster a pool is a node pool: by the clock only where its cloud keeps schedules, and on GKE in whole zones', () => {
  const settings = someSettings(`${serves}\nleadTime: 5m`)
  const clusters = [{ name: 'shop' }]
  const inClusters = { ...settings, regions: settings.regions.map((region) => ({ ...region, clusters })) }
  const counts = day((hour) => (hour === 2 ? 6 : 4))
  const gke: PoolPlan = { ...aPool(counts), cloud: 'gcp', region: 'europe-west1', type: 'e2-standard-4' }
  const [eks, google] = desiredStates(aPlan([aPool(counts), gke]), inClusters, { atSeconds: origin, pools: [] }).map(({ pools }) => pools[0])
  assert.deepEqual([eks?.kubernetes, eks?.desired, eks?.schedule.length], [{ cluster: 'shop' }, 4, 2])
  assert.deepEqual([google?.kubernetes, google?.min, google?.desired, google?.max, google?.schedule], [{ cluster: 'shop' }, 6, 6, 6, []])
  assert.match(google?.reason ?? '', /^why; 6 nodes, as GKE holds equally many in each of 3 zones$/)
  const others = { ...settings, regions: settings.regions.map((region) => ({ ...region, clusters: [{ name: 'shop', workloads: ['feed'] }] })) }
  assert.equal(desiredStates(aPlan([aPool(counts)]), others, { atSeconds: origin, pools: [] })[0]?.pools[0]?.kubernetes, undefined)
})
