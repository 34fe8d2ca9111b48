import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readDesiredState, resourceHash, shapeHash, writeDesiredState } from '../../src/documents/desired-state-file.ts'
import type { DesiredPool, DesiredState } from '../../src/domain/desired-state.ts'
import { Problem } from '../../src/domain/problem.ts'
import { aDesiredPool, aDesiredState } from '../support/a-desired-state.ts'

const aPool = (change: Partial<DesiredPool> = {}): DesiredPool => ({
  cloud: 'aws',
  region: 'us-east-1',
  workload: 'web',
  type: 'm7g.large',
  option: 'spot',
  group: 'web-m7g-large-spot',
  owns: 'count',
  was: 2,
  min: 2,
  desired: 5,
  max: 12,
  schedule: [{ minuteOfDay: 840, min: 2, desired: 7, max: 12 }],
  reason: '2 -> 5: demand p95 rises 31 % by 14:00',
  usdPerNodeHour: 0.0816,
  launch: { image: 'ami-1', subnets: ['subnet-a', 'subnet-b'], securityGroups: ['sg-1'], zones: ['us-east-1a'], tags: { team: 'web' } },
  ...change,
})

const aState = (change: Partial<DesiredState> = {}): DesiredState => ({
  cloud: 'aws',
  region: 'us-east-1',
  planId: '0123456789abcdef',
  expiresSeconds: 1769396400,
  traffic: [{ workload: 'web', userZone: 'us-east', share: 0.75 }],
  pools: [aPool()],
  ...change,
})

const faultsOf = (text: string): string => {
  try {
    readDesiredState(text, 'stacks/aws-us-east-1.yaml')
  } catch (error) {
    assert.ok(error instanceof Problem)
    return error.message
  }
  return 'none'
}

test('a desired state is read back as it was written, whatever its counts and schedule', () => {
  const nodes = fc.tuple(fc.nat(500), fc.nat(500), fc.nat(500)).map((counts) => counts.sort((a, b) => a - b)).map(([min = 0, desired = 0, max = 0]) => ({ min, desired, max }))
  const schedule = fc.uniqueArray(fc.record({ minuteOfDay: fc.nat(1439), nodes }), { selector: (change) => change.minuteOfDay })
    .map((changes) => changes.sort((a, b) => a.minuteOfDay - b.minuteOfDay).map((change) => ({ minuteOfDay: change.minuteOfDay, ...change.nodes })))
  fc.assert(fc.property(nodes, schedule, fc.string({ minLength: 1 }), (counts, changes, reason) => {
    const state = aState({ pools: [aPool({ ...counts, schedule: changes, reason })] })
    assert.deepEqual(readDesiredState(writeDesiredState(state), 'x.yaml'), state)
  }))
})

test('the cluster of a node pool is read back, is part of the hash, and may not have schedules where its cloud has none', () => {
  const pool = { group: 'web', schedule: [], kubernetes: { cluster: 'shop' } }
  const states = (['aws', 'gcp', 'azure'] as const).map((cloud) => aState({ cloud, pools: [aPool({ ...pool, cloud })] }))
  for (const state of states) assert.deepEqual(readDesiredState(writeDesiredState(state), 'x.yaml'), state)
  const withRole = aState({ pools: [aPool({ kubernetes: { cluster: 'shop', nodeRole: 'arn:aws:iam::1:role/nodes' } })] })
  assert.deepEqual(readDesiredState(writeDesiredState(withRole), 'x.yaml'), withRole)
  assert.notEqual(resourceHash(withRole), resourceHash(aState()))
  assert.notEqual(shapeHash(withRole), shapeHash(aState({ pools: [aPool({ kubernetes: { cluster: 'other' } })] })))
  const scheduled = aState({ cloud: 'gcp', pools: [aPool({ cloud: 'gcp', kubernetes: { cluster: 'shop' } })] })
  assert.match(faultsOf(writeDesiredState(scheduled)), /pools\[0\]\.schedule: has 1 changes, and GKE node pools have no schedules/)
})

test('the resource hash ignores reasons, prices, plan, expiry, the counts before and traffic shares', () => {
  const other = aState({ planId: 'ffffffffffffffff', expiresSeconds: 1, pools: [aPool({ reason: 'other words', usdPerNodeHour: 9, was: 3 })], traffic: [] })
  assert.equal(resourceHash(other), resourceHash(aState()))
})

test('the resource hash changes with a count, a schedule, and a launch setting', () => {
  const hashes = [
    aState(),
    aState({ pools: [aPool({ desired: 6 })] }),
    aState({ pools: [aPool({ schedule: [] })] }),
    aState({ pools: [aPool({ launch: { ...aPool().launch, image: 'ami-2' } })] }),
  ].map(resourceHash)
  assert.equal(new Set(hashes).size, hashes.length)
})

test('every fault is told at once with line and column', () => {
  const text = writeDesiredState(aState()).replace('desired: 5', 'desired: 50').replace('option: spot', 'option: cheap')
  const message = faultsOf(text)
  assert.match(message, /stacks\/aws-us-east-1\.yaml:\d+:\d+ pools\[0\]\.nodes: is min 2, desired 50, max 12; expected min ≤ desired ≤ max/)
  assert.match(message, /pools\[0\]\.option: is "cheap", expected one of on-demand, spot/)
})

test('two pools may not share a group', () => {
  assert.match(faultsOf(writeDesiredState(aState({ pools: [aPool(), aPool({ option: 'on-demand' })] }))), /web-m7g-large-spot is already the group of pools\[0\]/)
})

test('a file edited by hand is told apart from one that was planned', () => {
  assert.throws(() => readDesiredState(writeDesiredState(aState()).replace('desired: 5', 'desired: 6'), 'stacks/aws-us-east-1.yaml'), (error) =>
    error instanceof Problem && error.code === 'plan-edited' && error.exitCode === 6)
})

test('a file cut short is refused', () => {
  const text = writeDesiredState(aState())
  assert.match(faultsOf(text.slice(0, text.indexOf('pools:'))), /pools: is missing, expected a list/)
})

test('records and adopted pools are read back as they were written, and count among the resources', () => {
  const record = { workload: 'web', userZone: 'east', zoneId: 'Z1', name: 'web.example', endpoint: 'lb.example', ttlSeconds: 60, weight: 25 }
  const state = aDesiredState([aDesiredPool({ adopted: true })], { records: [record] })
  assert.deepEqual(readDesiredState(writeDesiredState(state), 'x.yaml'), state)
  const hashes = [state, { ...state, records: [{ ...record, weight: 26 }] }, aDesiredState([aDesiredPool()], { records: [record] }), aDesiredState([aDesiredPool({ adopted: true })])].map(resourceHash)
  assert.equal(new Set(hashes).size, 4)
})

test('names of several regions are read back as they were written, count among the resources, and lead somewhere', () => {
  const target = { region: 'aws/us-east-1', endpoint: 'lb.example', weight: 25 }
  const common = { workload: 'web', userZone: 'east', name: 'web.example', ttlSeconds: 60 }
  const written = (weight: number): DesiredState =>
    aDesiredState([], {
      records: [
        { dns: 'cloud-dns', ...common, managedZone: 'shop', targets: [{ ...target, weight }] },
        { dns: 'traffic-manager', ...common, resourceGroup: 'shop', monitor: { protocol: 'HTTPS', port: 443, path: '/' }, targets: [target] },
        { dns: 'traffic-manager', ...common, userZone: 'west', resourceGroup: 'shop', monitor: { protocol: 'TCP', port: 80 }, targets: [target] },
      ],
    })
  assert.deepEqual(readDesiredState(writeDesiredState(written(25)), 'x.yaml'), written(25))
  assert.notEqual(resourceHash(written(25)), resourceHash(written(26)))
  assert.throws(() => readDesiredState(writeDesiredState(written(0)), 'x.yaml'), /x\.yaml:\d+:\d+ records\[0\]\.targets: all have weight 0/)
})
