import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exitCodeOf } from '../../src/app/outcome.ts'
import type { StackApplied } from '../../src/app/steps/apply-step.ts'
import type { StackVerdict } from '../../src/domain/observation.ts'
import type { StackOutcome, StackRun } from '../../src/reconcile/engine.ts'

type Applied = Pick<StackApplied, 'verdict' | 'run'>
const unchanged: Applied = { verdict: { kind: 'unchanged' }, run: undefined }
const of = (verdict: StackVerdict, outcome: StackOutcome = 'succeeded'): Applied => ({
  verdict,
  run: { stack: 's', kind: 'apply', outcome, changes: { created: 0, updated: 0, replaced: 0, deleted: 0, same: 0 }, steps: [], failures: [], found: [], notes: [], durationSeconds: 1 } satisfies StackRun,
})
const reached = of({ kind: 'reached' })
const failed = of({ kind: 'failed', reason: 'no' }, 'failed')
const held = of({ kind: 'held', reason: 'raised by someone else' })
const locked = of({ kind: 'held', reason: 'locked by another' }, 'lock-held')
const short = of({ kind: 'short', by: 2, reason: 'no room' }, 'failed')

test('what is reached, on its way or unchanged is done', () => {
  assert.equal(exitCodeOf([unchanged, reached, of({ kind: 'requested', waitingFor: 3 })]), 0)
  assert.equal(exitCodeOf([]), 0)
})

test('some left behind is partly done, whether failed, short, held or locked', () => {
  for (const behind of [failed, short, held, locked]) assert.equal(exitCodeOf([reached, behind]), 3)
  assert.equal(exitCodeOf([short]), 3)
  assert.equal(exitCodeOf([unchanged, failed]), 3)
})

test('when nothing was reached the code says why: all failed 1, all held 4, all locked 5', () => {
  assert.equal(exitCodeOf([failed, failed]), 1)
  assert.equal(exitCodeOf([held, unchanged]), 4)
  assert.equal(exitCodeOf([locked, unchanged]), 5)
  assert.equal(exitCodeOf([locked, held]), 4)
})
