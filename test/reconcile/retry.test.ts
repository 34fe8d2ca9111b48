import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { afterRun, type BreakerRecord, closedBreaker, stalledBecause } from '../../src/reconcile/breaker.ts'
import type { StackRun } from '../../src/reconcile/engine.ts'
import { mayPass, retryPolicy, retryWait } from '../../src/reconcile/retry.ts'

const failed = (...messages: readonly string[]): StackRun => ({
  stack: 'aws', kind: 'apply', outcome: 'failed', changes: { created: 0, updated: 0, replaced: 0, deleted: 0, same: 0 }, steps: [],
  failures: messages.map((message) => ({ urn: 'urn', message })), found: [], notes: [], durationSeconds: 1,
})

test('what passes by itself is told from what does not', () => {
  for (const message of [
    'ThrottlingException: Rate exceeded',
    'googleapi: Error 429: Quota exceeded for quota metric, rateLimitExceeded: Too Many Requests',
    'error reading from server: EOF',
    'RequestError: send request failed caused by: dial tcp: i/o timeout',
    'StatusCode=503 ServiceUnavailable',
    'connection reset by peer',
    'could not read plugin [pulumi-resource-aws]: exit status -1; Detected that pulumi-resource-aws exited prematurely.',
  ]) assert.ok(mayPass(failed(message)), message)
  for (const message of [
    'InsufficientInstanceCapacity: We currently do not have sufficient capacity',
    'ValidationError: You must use a valid launch template',
    'UnauthorizedOperation: You are not authorized',
    'Quota CPUS exceeded. Limit: 24.0 in region us-central1.',
  ]) assert.ok(!mayPass(failed(message)), message)
  assert.ok(!mayPass(failed('Rate exceeded', 'UnauthorizedOperation')))
  assert.ok(!mayPass({ ...failed('Rate exceeded'), outcome: 'aborted' }))
})

test('attempts are bounded and waits grow, spread over the upper half of each', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
      const wait = retryWait(failed('Rate exceeded'), attempt, random)
      if (attempt >= retryPolicy.attempts) assert.equal(wait, undefined)
      else {
        const most = retryPolicy.firstWaitSeconds * 2 ** (attempt - 1)
        assert.ok(wait !== undefined && wait >= most / 2 && wait <= most)
      }
    }),
  )
})

test('a cloud that says when to come back is not asked earlier, and one that wants long is left to a later cycle', () => {
  assert.equal(retryWait(failed('429 Too Many Requests, Retry-After: 17'), 1, 0), 17)
  assert.equal(retryWait(failed('throttled; retry after 30 seconds'), 1, 0.9), 30)
  assert.equal(retryWait(failed('throttled; retry after 1 minute'), 1, 0), 60)
  assert.equal(retryWait(failed('throttled; retry-after: 1500 ms'), 2, 0), 2)
  assert.equal(retryWait(failed('429 Retry-After: 3600'), 1, 0), undefined)
})

test('after three failures in a row a stack is left alone, longer each time that its trial fails, and one success ends it', () => {
  let record: BreakerRecord = closedBreaker
  const pauses: number[] = []
  let now = 0
  for (let run = 0; run < 9; run += 1) {
    record = afterRun(record, 'no', now)
    const stalled = stalledBecause(record, now)
    if (run < 2) assert.equal(stalled, undefined)
    else {
      assert.ok(stalled !== undefined)
      pauses.push(stalled.untilSeconds - now)
      assert.equal(stalledBecause(record, stalled.untilSeconds), undefined)
      now = stalled.untilSeconds
    }
  }
  assert.deepEqual(pauses, [900, 1800, 3600, 7200, 14_400, 14_400, 14_400])
  assert.equal(stalledBecause(record, now - 1)?.reason, 'failed 9 times in a row: no')
  assert.deepEqual(afterRun(record, undefined, now), closedBreaker)
})
