import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plannedDemand } from '../../src/domain/forecast.ts'
import type { ExplainedEffect, SubjectForecast } from '../../src/domain/forecast.ts'

const sale: Extract<ExplainedEffect, { kind: 'event' }> = {
  kind: 'event', name: 'sale', used: true, share: 0.4, low: 0.3, high: 0.5, occurrences: 3, trial: undefined, nextSeconds: 7200, nextEndSeconds: 10800,
}

function aSubject(effects: readonly ExplainedEffect[]): SubjectForecast {
  return {
    subject: { workload: 'web', resource: 'requests', place: { kind: 'user-zone', userZone: 'east' } }, unit: 'requests/s', originSeconds: 0, quantiles: [0.5],
    tables: [{ statistic: 'peak', grid: { startSeconds: 0, stepSeconds: 3600, length: 1 }, values: Float64Array.of(1), members: [], accuracy: undefined, modelVersion: undefined }],
    explanation: { peak: { atSeconds: 0, median: 1, contributions: [] }, excluded: [], context: { effects, notes: [] }, sentences: [] }, model: 'made up', historyHash: 'h',
  }
}

test('plans hear of events that raise demand, not of those that are not used, lower it or have no next occurrence', () => {
  const { nextEndSeconds: _, ...past } = { ...sale, name: 'past', nextSeconds: undefined }
  const [planned] = plannedDemand([aSubject([{ ...sale, used: false }, { ...sale, share: -0.2 }, past, sale])])
  assert.deepEqual(planned?.events, [{ name: 'sale', share: 0.4, startSeconds: 7200, endSeconds: 10800 }])
  assert.ok(!Object.hasOwn(plannedDemand([aSubject([past])])[0] ?? {}, 'events'))
})
