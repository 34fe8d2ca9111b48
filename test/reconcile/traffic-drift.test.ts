import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CloudDnsRecordSet } from '../../src/domain/desired-state.ts'
import type { LiveCounts } from '../../src/domain/observation.ts'
import type { AppliedRecord } from '../../src/reconcile/changed-stacks.ts'
import { type TrafficDriftRecord, trafficDriftSentence, watchTraffic } from '../../src/reconcile/traffic-drift.ts'
import { aDesiredState, midnight } from '../support/a-desired-state.ts'

const set = (weight: number, ttlSeconds = 60): CloudDnsRecordSet => ({
  dns: 'cloud-dns', workload: 'web', userZone: 'east', managedZone: 'shop', name: 'web.example', ttlSeconds,
  targets: [{ region: 'aws/us-east-1', endpoint: 'lb-1.example', weight }, { region: 'gcp/us-central1', endpoint: 'LB-2.example.', weight: 100 - weight }],
})
const state = (record: CloudDnsRecordSet) => aDesiredState([], { cloud: 'gcp', region: 'us-central1', records: [record] })
const applied = (record: CloudDnsRecordSet, change: Partial<AppliedRecord> = {}): AppliedRecord => ({
  stack: 'sandbox.gcp-us-central1', resources: 'r', shape: 's', program: 'p', counts: {}, before: {}, held: {}, state: state(record), atSeconds: midnight, ...change,
})
const live = (weight: number | undefined, seconds = 0, ttlSeconds = 60): LiveCounts => ({
  atSeconds: midnight + seconds,
  pools: [],
  records: weight === undefined ? [] : [
    { key: 'cloud-dns/shop/web.example', ttlSeconds, targets: [{ endpoint: 'lb-1.example', weight }, { endpoint: 'lb-2.example', weight: 100 - weight }] },
  ],
})

interface Look {
  readonly planned: number
  readonly applied: number
  readonly live: number | undefined
  readonly seconds?: number
}

function watched(...looks: readonly Look[]): readonly TrafficDriftRecord[] {
  let known: readonly TrafficDriftRecord[] = []
  for (const look of looks) known = watchTraffic(known, [{ wanted: state(set(look.planned)), applied: applied(set(look.applied)) }], live(look.live, look.seconds))
  return known
}
const told = (...looks: readonly Look[]): readonly string[] => watched(...looks).map(trafficDriftSentence)

test('weights as they were applied are no drift, however the endpoints are spelt, and nor are those that the plan wants next', () => {
  assert.deepEqual(told({ planned: 60, applied: 60, live: 60 }), [])
  assert.deepEqual(told({ planned: 50, applied: 60, live: 60 }), [])
  assert.deepEqual(told({ planned: 50, applied: 60, live: 50 }), [])
})

test('what was not read is no drift, and what was known of it stays known', () => {
  const unread: LiveCounts = { atSeconds: midnight, pools: [] }
  assert.deepEqual(watchTraffic([], [{ wanted: state(set(60)), applied: applied(set(60)) }], unread), [])
  const known = watched({ planned: 60, applied: 60, live: 0 })
  assert.deepEqual(watchTraffic(known, [{ wanted: state(set(60)), applied: applied(set(60)) }], unread), known)
})

test('weights that stay for half an hour were changed by hand; before, and where they change again, nobody knows', () => {
  const look = { planned: 60, applied: 60, live: 0 }
  assert.deepEqual(watched(look, { ...look, seconds: 1799 }).map(({ cause }) => cause), ['unknown'])
  assert.deepEqual(watched(look, { ...look, seconds: 1800 }).map(({ cause }) => cause), ['hand'])
  assert.deepEqual(watched(look, { ...look, live: 10, seconds: 3600 }).map(({ cause, moves }) => [cause, moves]), [['unknown', 1]])
})

test('left weights stay on record once they were taken over, until they are the plan\u2019s, or as prescale had left them', () => {
  const hand = { planned: 60, applied: 60, live: 0 }
  const takenOver = { planned: 60, applied: 0, live: 0 }
  const expected = ['web from east: weights are aws/us-east-1 0, gcp/us-central1 100, wanted aws/us-east-1 60, gcp/us-central1 40, changed by someone else']
  assert.deepEqual([told(hand, takenOver), told(hand, takenOver, takenOver)], [expected, expected])
  assert.deepEqual(told(hand, takenOver, { planned: 0, applied: 0, live: 0 }), [])
  assert.deepEqual(told(hand, takenOver, { planned: 50, applied: 0, live: 60 }), [], 'the person took it back, and the plan has moved on')
  assert.deepEqual(told(hand, takenOver, { planned: 60, applied: 50, live: 50 }), [], 'prescale has made others since')
})

test('another TTL is told too: draining is shorter than answers are kept', () => {
  const [drift] = watchTraffic([], [{ wanted: state(set(60)), applied: applied(set(60)) }], live(60, 0, 900))
  assert.match(drift ? trafficDriftSentence(drift) : '', /weights are aws\/us-east-1 60, gcp\/us-central1 40, TTL 900 s, wanted/)
})

test('a record that is gone was deleted by hand', () => {
  assert.deepEqual(told({ planned: 60, applied: 60, live: undefined }), ['web from east: what sends users to regions is gone from gcp-us-central1, deleted by hand'])
})

test('what a run that died may have set is not held to be somebody else\u2019s', () => {
  const look = (underWay: AppliedRecord['underWay']) => watchTraffic([], [{ wanted: state(set(70)), applied: applied(set(60), underWay && { underWay }) }], live(50))
  assert.deepEqual([look(undefined).length, look({}).length], [1, 0])
})

test('whatever is applied, planned and found, a drift is told if and only if the weights are neither', () => {
  const weight = fc.integer({ min: 0, max: 100 })
  fc.assert(
    fc.property(weight, weight, weight, (planned, before, found) => {
      assert.equal(told({ planned, applied: before, live: found }).length, found === planned || found === before ? 0 : 1)
    }),
  )
})
