import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changesOf, EventLog, outcomeOf, stepOf, type StepMetadata } from '../../src/reconcile/engine-events.ts'

const urn = 'urn:pulumi:sandbox.aws-us-east-1::prescale::prescale:aws:NodePool$aws:autoscaling/group:Group::web'
const update = (change: Partial<StepMetadata> = {}): StepMetadata => ({
  op: 'update',
  urn,
  type: 'aws:autoscaling/group:Group',
  old: { inputs: { desiredCapacity: 3, sku: { capacity: 3 } } },
  new: { inputs: { desiredCapacity: 9, sku: { capacity: 4 } } },
  detailedDiff: { desiredCapacity: { kind: 'update' } },
  ...change,
})
const told = (message: string, about = '') => ({ diagnosticEvent: { urn: about, message, severity: 'error' } })

test('a step says what changes on which resource, with the values before and after', () => {
  assert.deepEqual(stepOf(update()), {
    urn,
    name: 'web',
    type: 'aws:autoscaling/group:Group',
    operation: 'update',
    diffs: [{ path: 'desiredCapacity', before: 3, after: 9 }],
  })
})

test('values below the top are found by the engine’s own paths', () => {
  const list = update({ detailedDiff: { 'profiles[1].capacity["a.b"]': {} }, old: { inputs: { profiles: [0, { capacity: { 'a.b': 1 } }] } }, new: { inputs: { profiles: [0, { capacity: { 'a.b': 2 } }] } } })
  assert.deepEqual(stepOf(list)?.diffs, [{ path: 'profiles[1].capacity["a.b"]', before: 1, after: 2 }])
})

test('what differs only in the cloud is shown from what the cloud answered', () => {
  const drift = update({ old: { inputs: {}, outputs: { desiredCapacity: 3 } }, new: { inputs: {}, outputs: { desiredCapacity: 7 } } })
  assert.deepEqual(stepOf(drift)?.diffs, [{ path: 'desiredCapacity', before: 3, after: 7 }])
})

test('a resource that stays as it is makes no step', () => {
  assert.deepEqual(['same', 'refresh', 'read', 'import'].map((op) => stepOf(update({ op }))), [undefined, undefined, undefined, undefined])
})

test('what a refresh found is a step though it was not announced, and an announced step is one', () => {
  const log = new EventLog()
  log.add({ resourcePreEvent: { metadata: update({ op: 'refresh' }) } })
  log.add({ resOutputsEvent: { metadata: update() } })
  log.add({ resourcePreEvent: { metadata: update() } })
  assert.deepEqual(log.record().steps.map(({ operation }) => operation), ['update'])
})

test('a failed resource is named once, by the reason that the engine gave', () => {
  const log = new EventLog()
  log.add({ resOpFailedEvent: { metadata: update({ op: 'create' }) } })
  log.add(told('<{%fg 1%}>InsufficientInstanceCapacity: no room<{%reset%}>\n', urn))
  log.add(told('update failed\n'))
  assert.deepEqual(log.record().failures, [{ urn, message: 'InsufficientInstanceCapacity: no room' }])
})

test('a failed resource without a reason is still named', () => {
  const log = new EventLog()
  log.add({ resOpFailedEvent: { metadata: update({ op: 'create' }) } })
  assert.deepEqual(log.record().failures, [{ urn, message: 'create failed' }])
})

test('a run that failed as a whole keeps the engine’s only word', () => {
  const log = new EventLog()
  log.add(told('update failed\n'))
  assert.deepEqual(log.record().failures, [{ urn: undefined, message: 'update failed' }])
})

test('the outcome is that of the events: one failure makes a run failed though its process ended well', () => {
  const quiet = { steps: [], failures: [], found: [], summary: {} }
  assert.equal(outcomeOf(quiet, 'well'), 'succeeded')
  assert.equal(outcomeOf({ ...quiet, failures: [{ urn, message: 'quota' }] }, 'well'), 'failed')
  assert.equal(outcomeOf(quiet, 'badly'), 'failed')
  assert.equal(outcomeOf({ ...quiet, failures: [{ urn, message: 'quota' }] }, 'interrupted'), 'aborted')
})

test('a run is refused only when protection is all that stood in its way', () => {
  const protectedGroup = { urn, message: 'resource cannot be deleted because it is protected' }
  assert.equal(outcomeOf({ steps: [], found: [], failures: [protectedGroup], summary: {} }, 'badly'), 'refused')
  assert.equal(outcomeOf({ steps: [], found: [], failures: [protectedGroup, { urn, message: 'quota' }], summary: {} }, 'badly'), 'failed')
})

test('operations are counted as the engine counts them', () => {
  assert.deepEqual(changesOf({ create: 2, update: 3, same: 4, delete: 1, 'create-replacement': 1 }), { created: 2, updated: 3, replaced: 1, deleted: 1, same: 4 })
  assert.deepEqual(changesOf(undefined), { created: 0, updated: 0, replaced: 0, deleted: 0, same: 0 })
})
