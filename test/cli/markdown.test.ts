import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StackPreview } from '../../src/app/steps/preview-step.ts'
import { reviewMarkdown } from '../../src/cli/render/markdown.ts'
import type { DesiredPool } from '../../src/domain/desired-state.ts'
import type { EngineStep } from '../../src/reconcile/engine.ts'
import { aDesiredPool, aDesiredState } from '../support/a-desired-state.ts'

const step = (change: Partial<EngineStep>): EngineStep => ({
  urn: 'urn', name: 'web', type: 'aws:autoscaling/group:Group', operation: 'update', diffs: [{ path: 'desiredCapacity', before: 3, after: 5 }], ...change,
})

function aPreview(pools: readonly DesiredPool[], steps: readonly EngineStep[]): StackPreview {
  const changes = { created: 0, updated: steps.length, replaced: 0, deleted: 0, same: 0 }
  const run = { stack: 'shop.aws-us-east-1', kind: 'preview', outcome: 'succeeded', changes, steps, failures: [], found: [], notes: [], durationSeconds: 1 } as const
  const desired = aDesiredState(pools)
  return { planned: desired, desired, waits: [], need: { stack: 'shop.aws-us-east-1', kind: 'engine', reasons: [{ kind: 'desired-state' }], refresh: 'no', look: 'no' }, run }
}

const nothing = { findings: [], approval: undefined, stale: [] }

test('the comment begins with totals, then tells each pool that changes, and folds the engine’s diff', () => {
  const text = reviewMarkdown({ previews: [aPreview([aDesiredPool({ was: 3, desired: 5, usdPerNodeHour: 0.5 }), aDesiredPool({ workload: 'api', was: 2, desired: 2 })], [step({})])], ...nothing })
  const lines = text.split('\n')
  assert.equal(lines[0], '### Capacity plan: +2 nodes, +1.00 $/h')
  assert.ok(lines.includes('| nodes | 5 | 7 | +2 |'))
  assert.ok(text.indexOf('| nodes |') < text.indexOf('`aws/us-east-1/web/m7g.large/on-demand`'))
  assert.match(text, /\| 3 \| \*\*5\*\* ▲ \| \+1\.00 \|/)
  assert.doesNotMatch(text, /\/api\//)
  assert.match(text, /<details>\n<summary>aws\/us-east-1: \+0 ~1 ±0 -0<\/summary>\n\n```diff\n! update Group web\n {4}desiredCapacity: 3 => 5\n```/)
  assert.match(text, /plan `0123456789abcdef`, valid until/)
})

test('what a guard would refuse and what needs approval stands before the table', () => {
  const text = reviewMarkdown({
    previews: [aPreview([aDesiredPool({ was: 3, desired: 5 })], [step({})])],
    findings: [{ effect: 'refuse', sentence: 'guard budget: all pools would be at 71.20 USD per hour, the limit is 60' }],
    approval: '2 nodes change',
    stale: ['plan 0123456789abcdef expired at 2026-01-01T00:00:00Z; it is 2026-01-01T00:00:01Z'],
  })
  assert.match(text, /> \*\*would be refused\*\*: plan 0123456789abcdef expired at .* \(`prescale plan`\)\n/)
  assert.match(text, /> \*\*would be refused\*\*: guard budget: all pools/)
  assert.match(text, /> \*\*needs approval\*\* \(2 nodes change\): `prescale approve 0123456789abcdef`/)
  assert.ok(text.indexOf('would be refused') < text.indexOf('| pool |'))
})

test('what is lowered later is counted as planned, and it is told what it waits for', () => {
  const [planned, now] = [aDesiredState([aDesiredPool({ was: 5, desired: 2, usdPerNodeHour: 1 })]), aDesiredState([aDesiredPool({ was: 5, desired: 5, usdPerNodeHour: 1 })])]
  const text = reviewMarkdown({ previews: [{ ...aPreview([], []), planned, desired: now, waits: ['web: 3 nodes to be lowered stay until 3 more nodes are ready'] }], ...nothing })
  assert.match(text, /^### Capacity plan: -3 nodes, -3\.00 \$\/h/)
  assert.match(text, /> \*\*not at once\*\*: web: 3 nodes to be lowered stay until 3 more nodes are ready\n\n/)
})

test('what people wrote cannot break the table, open a tag or end the fence', () => {
  const pool = aDesiredPool({ was: 1, desired: 2, reason: 'a | b\n<img src=x> `c` *d*' })
  const text = reviewMarkdown({ previews: [aPreview([pool], [step({ diffs: [{ path: 'tags', before: undefined, after: '```\n# out' }] })])], ...nothing })
  assert.match(text, /a \\\| b &lt;img src=x&gt; \\`c\\` \\\*d\\\* \|/)
  assert.equal(text.split('\n').filter((line) => line.startsWith('```')).length, 2)
})

test('many pools are folded, and a comment that would be too long loses whole details, said so', () => {
  const pools = Array.from({ length: 30 }, (_, i) => aDesiredPool({ workload: `w${i}`, was: 1, desired: 2 }))
  const steps = Array.from({ length: 400 }, (_, i) => step({ name: `group-${i}`, diffs: [{ path: 'tags', before: 'x'.repeat(60), after: 'y'.repeat(60) }] }))
  const text = reviewMarkdown({ previews: Array.from({ length: 4 }, () => aPreview(pools, steps)), ...nothing })
  assert.ok(text.length <= 65_000)
  assert.match(text, /<summary>120 pools change<\/summary>/)
  assert.match(text, /More details: `prescale preview`/)
  assert.equal(text.match(/<details>/g)?.length, text.match(/<\/details>/g)?.length)
})

test('a plan that changes nothing says so in one glance', () => {
  const { desired } = aPreview([aDesiredPool({ was: 3, desired: 3 })], [])
  const text = reviewMarkdown({ previews: [{ planned: desired, desired, waits: [], need: { stack: 's', kind: 'none' }, run: undefined }], ...nothing })
  assert.match(text, /^### Capacity plan: 0 nodes, 0\.00 \$\/h/)
  assert.match(text, /none changes/)
  assert.match(text, /nothing to apply/)
})
