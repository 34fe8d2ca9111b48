import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LivePool } from '../../src/domain/observation.ts'
import type { StackRun } from '../../src/reconcile/engine.ts'
import { judge } from '../../src/reconcile/judge.ts'
import { aDesiredPool, aDesiredState, aLivePool, liveCounts } from '../support/a-desired-state.ts'

const pool = aDesiredPool({ desired: 5 })
const urn = 'urn:pulumi:s::p::Group::web'
const aRun = (change: Partial<StackRun> = {}): StackRun => ({
  stack: 'sandbox.aws-us-east-1',
  kind: 'apply',
  outcome: 'succeeded',
  changes: { created: 0, updated: 1, replaced: 0, deleted: 0, same: 3 },
  steps: [],
  failures: [],
  found: [],
  notes: [],
  durationSeconds: 1,
  ...change,
})
const verdict = (live: Partial<LivePool>, run: StackRun | undefined, patience: 'waiting' | 'over' = 'waiting') =>
  judge(aDesiredState([pool]), liveCounts([aLivePool(pool, live)]), run, patience)
const idle = { created: 0, updated: 0, replaced: 0, deleted: 0, same: 4 }

test('a stack whose nodes are ready has reached its state, or was there already', () => {
  assert.deepEqual(verdict({}, aRun()), { kind: 'reached' })
  assert.deepEqual(verdict({}, aRun({ changes: idle })), { kind: 'unchanged' })
  assert.deepEqual(verdict({}, undefined), { kind: 'unchanged' })
})

test('nodes that are ordered and not ready are waited for, and missing once the lead time is over', () => {
  assert.deepEqual(verdict({ ready: 3 }, aRun()), { kind: 'requested', waitingFor: 2 })
  assert.equal(verdict({ ready: 3 }, aRun(), 'over').kind, 'short')
  assert.deepEqual(verdict({ ready: 3 }, undefined), { kind: 'requested', waitingFor: 2 })
})

test('more ready nodes in one pool do not make up for missing ones in another', () => {
  const other = aDesiredPool({ workload: 'api', desired: 2 })
  const live = liveCounts([aLivePool(pool, { ready: 9 }), aLivePool(other, { ready: 0 })])
  assert.deepEqual(judge(aDesiredState([pool, other]), live, aRun(), 'waiting'), { kind: 'requested', waitingFor: 2 })
})

for (const message of [
  'InsufficientInstanceCapacity: We currently do not have sufficient capacity',
  'capacity-not-available: no capacity: gcp/us-central1 has no spot n2-standard-4 left',
  "ZONE_RESOURCE_POOL_EXHAUSTED: The zone does not have enough resources",
  'OperationNotAllowed: exceeding approved Total Regional Cores quota',
  'SkuNotAvailable: The requested size is currently not available',
  'VcpuLimitExceeded: You have requested more vCPU capacity than your limit',
]) {
  test(`a cloud without room is a shortage: ${message.slice(0, message.indexOf(':'))}`, () => {
    assert.deepEqual(verdict({ ready: 3 }, aRun({ outcome: 'failed', failures: [{ urn, message }] })), { kind: 'short', by: 2, reason: message })
  })
}

test('a failure that is not about room is a failure, also beside one that is', () => {
  const denied = { urn, message: 'AccessDenied: not authorised' }
  assert.deepEqual(verdict({ ready: 3 }, aRun({ outcome: 'failed', failures: [denied] })), { kind: 'failed', reason: denied.message })
  assert.deepEqual(verdict({ ready: 3 }, aRun({ outcome: 'failed', failures: [{ urn, message: 'quota exceeded' }, denied] })), { kind: 'failed', reason: denied.message })
})

test('a stack that was locked or refused is held, an interrupted one failed', () => {
  const failures = [{ urn: undefined, message: 'locked by ops@host (pid 1)' }]
  assert.deepEqual(verdict({}, aRun({ outcome: 'lock-held', failures })), { kind: 'held', reason: 'locked by ops@host (pid 1)' })
  assert.equal(verdict({}, aRun({ outcome: 'refused', failures })).kind, 'held')
  assert.equal(verdict({}, aRun({ outcome: 'aborted', failures })).kind, 'failed')
})

test('nodes of a pool whose count is the cloud’s are not missed', () => {
  const bounds = aDesiredPool({ owns: 'bounds', desired: 5 })
  assert.deepEqual(judge(aDesiredState([bounds]), liveCounts([aLivePool(bounds, { ready: 1 })]), aRun(), 'waiting'), { kind: 'reached' })
})
