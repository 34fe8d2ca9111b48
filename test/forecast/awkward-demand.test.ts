import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { forecastTable, type SubjectForecast } from '../../src/domain/forecast.ts'
import { forecastDemand } from '../../src/forecast/forecast-demand.ts'
import { forecastPicture } from '../../src/forecast/picture.ts'
import { aHistory, dailyDemand, mondaySeconds } from './series.ts'

const days = 12
const quantiles = [0.1, 0.5, 0.9, 0.95, 0.99]
const request = { originSeconds: mondaySeconds + days * 86400, planned: { stepSeconds: 3600, horizonSteps: 48 }, finer: { stepSeconds: 300, horizonSteps: 24 }, quantiles, seed: 1 }

const length = days * 288
/** What demand looks like in no textbook. */
const shapes: Readonly<Record<string, (index: number, rhythm: Float64Array) => number>> = {
  constant: () => 7,
  zero: () => 0,
  'one spike': (index) => (index === 2000 ? 1e6 : 0),
  'gaps every afternoon': (index, rhythm) => (index % 288 > 180 ? Number.NaN : (rhythm[index] ?? 0)),
  'dead for the last three days': (index, rhythm) => (index > length - 3 * 288 ? Number.NaN : (rhythm[index] ?? 0)),
  'a jump of a thousand times': (index, rhythm) => (rhythm[index] ?? 0) * (index > length - 288 ? 1000 : 1),
  rhythm: (index, rhythm) => rhythm[index] ?? 0,
}
const series = fc.tuple(fc.constantFrom(...Object.keys(shapes)), fc.constantFrom(1e-9, 1, 1e12), fc.integer({ min: 1, max: 99 })).map(([shape, scale, seed]) => {
  const rhythm = dailyDemand(days, seed, 300)
  return Float64Array.from({ length }, (_, index) => scale * (shapes[shape]?.(index, rhythm) ?? 0))
})

/** The history's series as user zones of one workload. */
async function forecastZones(all: readonly Float64Array[]): Promise<readonly SubjectForecast[]> {
  const history = aHistory(all)
  const zones = history.series.map((one, zone) => ({ ...one, workload: 'web', userZone: `zone${zone}` }))
  return forecastDemand({ ...history, series: zones }, request, undefined)
}

const figure = (table: Float64Array, steps: number, quantile: number, step: number): number => table[quantiles.indexOf(quantile) * steps + step] ?? Number.NaN

test('whatever demand was: finite, ordered, mean below peak, zones adding up, hours as their steps, and a picture', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(series, { minLength: 2, maxLength: 3 }), async (all) => {
      const forecasts = await forecastZones(all)
      const [total, ...others] = forecasts.toReversed()
      assert.equal(total?.subject.place.kind, 'everywhere')
      const tableOf = (one: SubjectForecast | undefined, stepSeconds: number, statistic: 'peak' | 'mean'): Float64Array =>
        (one === undefined ? undefined : forecastTable(one, stepSeconds, statistic)?.values) ?? assert.fail('a table is missing')
      for (const forecast of forecasts) {
        for (const { values, grid } of forecast.tables) {
          values.forEach((value, i) => assert.ok(value < Infinity && value >= (i < grid.length ? 0 : (values[i - grid.length] ?? 0))))
        }
        const [peak, mean, fine] = [tableOf(forecast, 3600, 'peak'), tableOf(forecast, 3600, 'mean'), tableOf(forecast, 300, 'mean')]
        peak.forEach((value, i) => assert.ok(value >= (mean[i] ?? Number.NaN)))
        const most = Math.max(...peak)
        const firstHour = Array.from({ length: 12 }, (_, step) => figure(fine, 24, 0.5, step)).reduce((sum, value) => sum + value / 12, 0)
        assert.ok(Math.abs(figure(mean, 48, 0.5, 0) - firstHour) <= 1e-9 * most)
        const { peak: top, sentences } = forecast.explanation
        assert.ok(Math.abs(top.contributions.reduce((sum, { value }) => sum + value, 0) - top.median) <= 1e-6 * most)
        assert.doesNotMatch(sentences.join(), /NaN|Infinity|undefined/)
        assert.doesNotMatch(forecastPicture({ grid: { startSeconds: mondaySeconds, stepSeconds: 300, length }, values: all[0] ?? new Float64Array() }, forecast, undefined), /NaN|Infinity|undefined/)
      }
      for (const stepSeconds of [3600, 300]) {
        const whole = tableOf(total, stepSeconds, 'mean')
        const steps = whole.length / quantiles.length
        for (let step = 0; step < steps; step += 1) {
          const values = others.map((one) => tableOf(one, stepSeconds, 'mean'))
          const sum = (quantile: number): number => values.reduce((total, table) => total + figure(table, steps, quantile, step), 0)
          assert.ok(Math.abs(figure(whole, steps, 0.5, step) - sum(0.5)) <= 1e-9 * Math.max(1e-300, sum(0.5)))
          assert.ok(figure(whole, steps, 0.95, step) <= sum(0.95) * (1 + 1e-9))
        }
      }
    }),
    { numRuns: 10 },
  )
})
