import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { applyLosses, converge, want } from '../../src/sandbox/groups.ts'
import { usdSpent } from '../../src/sandbox/physics.ts'
import { noFaults, type Faults } from '../../src/sandbox/state.ts'
import { aWorld, autoscalerToken, Clouds, hour, physics, scheduleToken, withAwsGroup, withAzureGroup, withGcpGroup } from './a-world.ts'

const restless = { ...physics, bootSeconds95: 180, spotInterruptionsPerNodeHour: 0.5 }

/** Three groups of three clouds, one of them spot, with a schedule each on AWS and GCP, where everything happens often. */
function busyClouds(): Clouds {
  const clouds = new Clouds(aWorld({ clouds: { aws: restless, gcp: restless, azure: restless } }))
  withAwsGroup(clouds, {}, { instanceMarketOptions: { marketType: 'spot' } })
  clouds.create(scheduleToken, { scheduledActionName: 'up', region: 'us-east-1', autoscalingGroupName: 'web', recurrence: '7 * * * *', minSize: 2, maxSize: 40, desiredCapacity: 9 })
  clouds.create(scheduleToken, { scheduledActionName: 'down', region: 'us-east-1', autoscalingGroupName: 'web', recurrence: '31 * * * *', minSize: 0, maxSize: 30, desiredCapacity: 4 })
  withGcpGroup(clouds)
  clouds.create(autoscalerToken, {
    name: 'web',
    region: 'us-central1',
    target: 'web',
    autoscalingPolicy: { minReplicas: 2, maxReplicas: 20, scalingSchedules: [{ name: 'peak', schedule: '20 */2 * * *', durationSec: 1500, minRequiredReplicas: 8 }] },
  })
  return withAzureGroup(clouds).clouds
}

const command = fc.oneof(
  fc.record({ kind: fc.constant('advance' as const), seconds: fc.integer({ min: 1, max: 2 * hour }) }),
  fc.record({ kind: fc.constant('want' as const), group: fc.nat(2), desired: fc.nat(60) }),
  fc.record({ kind: fc.constant('lose' as const), zones: fc.subarray(['aws/us-east-1/us-east-1a', 'gcp/us-central1/us-central1-b', 'azure/eastus/1']) }),
  fc.record({ kind: fc.constant('scarce' as const), nodes: fc.nat(5) }),
)

function fault(clouds: Clouds, faults: Partial<Faults>): void {
  clouds.state.faults = { ...clouds.state.faults, ...faults }
  applyLosses(clouds.state)
  for (const group of Object.values(clouds.state.groups)) converge(clouds.state, clouds.world, group)
}

function run(clouds: Clouds, commands: readonly (typeof command extends fc.Arbitrary<infer Command> ? Command : never)[], check: () => void): void {
  for (const next of commands) {
    if (next.kind === 'advance') clouds.advance(next.seconds)
    if (next.kind === 'lose') fault(clouds, { lostZones: next.zones })
    if (next.kind === 'scarce') fault(clouds, { scarce: [{ cloud: 'aws', region: 'us-east-1', nodes: next.nodes }] })
    if (next.kind === 'want') {
      const group = Object.values(clouds.state.groups)[next.group]
      if (group !== undefined) {
        want(group, next.desired)
        converge(clouds.state, clouds.world, group)
      }
    }
    check()
  }
}

test('whatever is asked for, each group has as many nodes as it wants, within its bounds, its quota and its zones', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 25 }), (commands) => {
      const clouds = busyClouds()
      const { state, world } = clouds
      run(clouds, commands, () => {
        for (const group of Object.values(state.groups)) {
          const nodes = state.nodes.filter((node) => node.group === group.key && ['ordered', 'booting', 'ready'].includes(node.state))
          assert.equal(nodes.length, group.desired)
          assert.ok(group.min <= group.desired && group.desired <= group.max, `${group.min} ${group.desired} ${group.max}`)
          for (const node of nodes) assert.ok(group.zones.includes(node.zone))
        }
        for (const region of world.regions) {
          const placed = state.nodes.filter((node) => node.region === region.region && node.option === 'spot' && ['booting', 'ready', 'draining'].includes(node.state))
          assert.ok(placed.reduce((sum, node) => sum + node.vcpu, 0) <= region.quotaVcpu.spot)
        }
        assert.equal(new Set(state.nodes.map((node) => node.id)).size, state.nodes.length)
      })
    }),
    { numRuns: 60 },
  )
})

test('no node in a lost zone is booting, serving or draining', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 25 }), (commands) => {
      const clouds = busyClouds()
      run(clouds, commands, () => {
        for (const node of clouds.state.nodes) {
          if (clouds.state.faults.lostZones.includes(`${node.cloud}/${node.region}/${node.zone}`)) assert.ok(['ordered', 'gone'].includes(node.state), node.state)
        }
      })
    }),
    { numRuns: 40 },
  )
})

test('however the time is cut into calls, the clouds come out the same', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3 * hour }), { minLength: 1, maxLength: 12 }), (cuts) => {
      const whole = busyClouds()
      const cut = busyClouds()
      const stepsOfWhole = whole.advance(cuts.reduce((sum, seconds) => sum + seconds, 0))
      const stepsOfCut = cuts.flatMap((seconds) => cut.advance(seconds))
      assert.deepEqual(cut.state, whole.state)
      assert.deepEqual(stepsOfCut, stepsOfWhole)
    }),
    { numRuns: 40 },
  )
})

test('what is served and what is dropped add up to what was asked for, and the nodes never serve more than they can', () => {
  fc.assert(
    fc.property(fc.nat(50), fc.integer({ min: 1, max: 4 * hour }), (desired, seconds) => {
      const clouds = withAwsGroup(new Clouds(), { desiredCapacity: desired })
      for (const { workloads, nodes } of clouds.advance(seconds)) {
        for (const step of workloads) {
          assert.equal(step.served + step.dropped, step.demand)
          assert.ok(step.served <= (nodes.length * 300 * 4) / 0.1)
        }
      }
    }),
  )
})

test('a node is ordered for 10 s, boots for 60 s, serves, drains for 90 s and is forgotten when the step ends', () => {
  const clouds = withAwsGroup(new Clouds(), { desiredCapacity: 1 })
  assert.equal(clouds.count('ordered'), 1)
  clouds.advance(9)
  assert.equal(clouds.count('ordered'), 1)
  clouds.advance(1)
  assert.equal(clouds.count('booting'), 1)
  clouds.advance(59)
  assert.equal(clouds.count('booting'), 1)
  clouds.advance(1)
  assert.equal(clouds.count('ready'), 1)
  clouds.advance(230)
  want(clouds.group(), 0)
  converge(clouds.state, clouds.world, clouds.group())
  assert.equal(clouds.count('draining'), 1)
  clouds.advance(89)
  assert.equal(clouds.count('draining'), 1)
  clouds.advance(1)
  assert.equal(clouds.count('gone'), 1)
  clouds.advance(210)
  assert.deepEqual(clouds.state.nodes, [])
})

test('a node costs its price from the end of its order to the end of its draining', () => {
  const clouds = withAwsGroup(new Clouds(), { desiredCapacity: 1 })
  clouds.advance(10 + hour)
  assert.ok(Math.abs(usdSpent(clouds.state) - 0.4) < 1e-12)
  want(clouds.group(), 0)
  converge(clouds.state, clouds.world, clouds.group())
  clouds.advance(hour)
  assert.ok(Math.abs(usdSpent(clouds.state) - 0.4 * (1 + 90 / hour)) < 1e-12)
})

test('a node that never came to serve is paid for as well: 20 s of booting and 90 s of draining', () => {
  const clouds = withAwsGroup(new Clouds(), { desiredCapacity: 1 })
  clouds.advance(30)
  want(clouds.group(), 0)
  converge(clouds.state, clouds.world, clouds.group())
  clouds.advance(hour)
  assert.ok(Math.abs(usdSpent(clouds.state) - (0.4 * 110) / hour) < 1e-12)
})

test('load is spread over what was ready: a node that was ready for 230 of 300 s carries 230/300 of its capacity', () => {
  const clouds = withAwsGroup(new Clouds(), { desiredCapacity: 1 })
  const [first, second] = clouds.advance(600)
  // 40 events/s for 230 s, of 100 events/s for 300 s
  assert.deepEqual(first?.workloads[0], {
    workload: 'web',
    demand: 30_000,
    byUserZone: [
      { userZone: 'us-east', count: 18_000 },
      { userZone: 'eu-west', count: 12_000 },
    ],
    served: 9200,
    dropped: 20_800,
    readyNodes: 1,
    utilisation: 30_000 / 9200,
  })
  assert.equal(second?.workloads[0]?.served, 12_000)
})

test('four nodes of 4 vCPUs share a load of 10 vCPUs at 62.5 percent each', () => {
  const clouds = withAwsGroup(new Clouds(), { desiredCapacity: 4 })
  const steps = clouds.advance(600)
  assert.deepEqual(steps.at(-1)?.nodes.map(({ utilisation }) => utilisation), [0.625, 0.625, 0.625, 0.625])
})

test('nodes are spread evenly over the zones, and the fullest zone gives up nodes first', () => {
  const clouds = withAwsGroup(new Clouds(), { desiredCapacity: 7 })
  clouds.advance(600)
  const zones = (): number[] => clouds.group().zones.map((zone) => clouds.state.nodes.filter((node) => node.zone === zone && node.state === 'ready').length)
  assert.deepEqual(zones(), [3, 2, 2])
  want(clouds.group(), 3)
  converge(clouds.state, clouds.world, clouds.group())
  assert.deepEqual(zones(), [1, 1, 1])
})

test('the fullest zone gives up nodes first even where the others have younger ones', () => {
  const clouds = withAwsGroup(new Clouds(), { desiredCapacity: 6 })
  fault(clouds, { lostZones: ['aws/us-east-1/us-east-1a'] })
  clouds.advance(600)
  fault(clouds, { lostZones: [] })
  const resize = (count: number): number[] => {
    want(clouds.group(), count)
    converge(clouds.state, clouds.world, clouds.group())
    clouds.advance(600)
    return clouds.group().zones.map((zone) => clouds.state.nodes.filter((node) => node.zone === zone && node.state === 'ready').length)
  }
  assert.deepEqual(resize(9), [3, 3, 3])
  assert.deepEqual(resize(6), [2, 2, 2])
})

test('nodes that were ordered for a zone which is lost before they are placed come up in another', () => {
  const clouds = withAwsGroup(new Clouds(), { desiredCapacity: 3 })
  fault(clouds, { lostZones: ['aws/us-east-1/us-east-1a'] })
  clouds.advance(70)
  assert.deepEqual(clouds.state.nodes.map(({ state, zone }) => [state, zone]), [['ready', 'us-east-1b'], ['ready', 'us-east-1b'], ['ready', 'us-east-1c']])
})

test('the loss of a zone takes its nodes at once, and the group makes up for them in the others', () => {
  const clouds = withAwsGroup(new Clouds(), { desiredCapacity: 6 })
  clouds.advance(600)
  fault(clouds, { lostZones: ['aws/us-east-1/us-east-1a'] })
  assert.equal(clouds.count('ready'), 4)
  clouds.advance(70)
  assert.deepEqual(clouds.state.nodes.filter((node) => node.state === 'ready').map((node) => node.zone).sort(), [
    'us-east-1b', 'us-east-1b', 'us-east-1b', 'us-east-1c', 'us-east-1c', 'us-east-1c',
  ])
})

test('in a lost region nothing serves and nothing is placed until it is back', () => {
  const clouds = withAwsGroup(new Clouds(), { desiredCapacity: 6 })
  clouds.advance(600)
  fault(clouds, { lostRegions: ['aws/us-east-1'] })
  assert.deepEqual([clouds.count('ready'), clouds.count('ordered')], [0, 6])
  clouds.advance(hour)
  assert.deepEqual([clouds.count('ready'), clouds.count('ordered')], [0, 6])
  fault(clouds, { lostRegions: [] })
  clouds.advance(60 + 60)
  assert.equal(clouds.count('ready'), 6)
})

test('where the cloud has two nodes left, two of five are placed and three wait with the reason, until there are more', () => {
  const clouds = new Clouds()
  clouds.state.faults = { ...noFaults, scarce: [{ cloud: 'aws', region: 'us-east-1', type: 'm6i.xlarge', nodes: 2 }] }
  withAwsGroup(clouds, { desiredCapacity: 5 })
  clouds.advance(hour)
  assert.deepEqual([clouds.count('ready'), clouds.count('ordered')], [2, 3])
  assert.match(clouds.state.nodes.find((node) => node.state === 'ordered')?.waitsFor ?? '', /^no capacity: aws\/us-east-1 has no on-demand m6i.xlarge left$/)
  clouds.state.faults = noFaults
  clouds.advance(120)
  assert.equal(clouds.count('ready'), 5)
})

test('above the quota of 400 vCPUs nodes wait, and take the place of those that go', () => {
  const clouds = withAwsGroup(new Clouds(), { maxSize: 200, desiredCapacity: 110 })
  clouds.advance(hour)
  assert.deepEqual([clouds.count('ready'), clouds.count('ordered')], [100, 10])
  withAwsGroup(clouds, { name: 'more', maxSize: 10, desiredCapacity: 5, launchTemplate: { name: 'more' } }, { name: 'more' })
  want(clouds.group('web'), 95)
  converge(clouds.state, clouds.world, clouds.group('web'))
  clouds.advance(90 + 60 + 60)
  assert.equal(clouds.state.nodes.filter((node) => node.group.endsWith('/more') && node.state === 'ready').length, 5)
})

test('of 100 spot nodes at 0.5 interruptions an hour about 50 are taken back in an hour and replaced; on-demand nodes stay', () => {
  const world = aWorld({ clouds: { aws: { ...physics, spotInterruptionsPerNodeHour: 0.5 }, gcp: physics, azure: physics } })
  const spot = withAwsGroup(new Clouds(world), { maxSize: 100, desiredCapacity: 100 }, { instanceMarketOptions: { marketType: 'spot' } })
  spot.advance(1200)
  const ordered = (clouds: Clouds): number => Object.values(clouds.state.nodesOrdered).reduce((sum, count) => sum + count, 0)
  const before = ordered(spot)
  spot.advance(hour)
  const replaced = ordered(spot) - before
  // Poisson with mean 50: five standard deviations either way
  assert.ok(replaced > 15 && replaced < 85, String(replaced))
  assert.equal(spot.group().desired, 100)
  const onDemand = withAwsGroup(new Clouds(world), { maxSize: 100, desiredCapacity: 100 })
  onDemand.advance(5 * hour)
  assert.equal(ordered(onDemand), 100)
})

test('boot times follow their median and 95th percentile', () => {
  const world = aWorld({ clouds: { aws: { ...physics, bootSecondsMedian: 75, bootSeconds95: 140 }, gcp: physics, azure: physics } })
  const clouds = withAwsGroup(new Clouds({ ...world, regions: world.regions.map((region) => ({ ...region, quotaVcpu: { 'on-demand': 9999, spot: 0 } })) }), {
    maxSize: 2000,
    desiredCapacity: 2000,
  })
  clouds.advance(hour)
  const boots = clouds.state.nodes.map((node) => (node.readySeconds ?? 0) - (node.billedFromSeconds ?? 0)).sort((a, b) => a - b)
  assert.ok(Math.abs((boots[1000] ?? 0) - 75) <= 3, String(boots[1000]))
  assert.ok(Math.abs((boots[1900] ?? 0) - 140) <= 8, String(boots[1900]))
})

test('what a group goes through does not hang on what other groups do', () => {
  const world = aWorld({ clouds: { aws: restless, gcp: restless, azure: restless } })
  const spotGroup = (clouds: Clouds): Clouds => withAwsGroup(clouds, {}, { instanceMarketOptions: { marketType: 'spot' } })
  const alone = spotGroup(new Clouds(world))
  const among = withGcpGroup(new Clouds(world))
  withAwsGroup(among, { name: 'crowd', launchTemplate: { name: 'crowd' } }, { name: 'crowd' })
  spotGroup(among)
  for (const clouds of [alone, among]) clouds.advance(6 * hour)
  // how much a node works does depend on the others: they share the load
  const nodes = (clouds: Clouds) => clouds.state.nodes.filter((node) => node.group === 'aws/us-east-1/group/web').map((node) => ({ ...node, workVcpuSeconds: undefined }))
  assert.ok(nodes(alone).some((node) => node.orderedSeconds > world.startSeconds), 'none was taken back')
  assert.deepEqual(nodes(among), nodes(alone))
})
