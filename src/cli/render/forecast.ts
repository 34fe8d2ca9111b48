import type { ForecastOutcome } from '../../app/steps/forecast-step.ts'
import { forecastQuantile, type ForecastTable, subjectName, type SubjectForecast } from '../../domain/forecast.ts'
import { exclusionSentence, partNames } from '../../domain/forecast-wording.ts'
import { rfc3339, stepStart } from '../../domain/grid.ts'
import { title } from '../output.ts'
import { table } from '../table.ts'
import { figure, percent, span } from './figures.ts'
import { sparkline } from './sparkline.ts'

/** @returns one row per forecast: the coming day's peak, how sure it is, how good the model was lately, how often p95 was exceeded */
export function forecastTable(forecasts: readonly SubjectForecast[]): string[] {
  return table(
    [
      { title: 'series', align: 'left' },
      { title: 'unit', align: 'left' },
      { title: 'p50', align: 'right' },
      { title: 'p95', align: 'right' },
      { title: 'at', align: 'left' },
      { title: 'loss', align: 'right' },
      { title: 'of naive', align: 'right' },
      { title: 'p95 exceeded', align: 'right' },
      { title: 'mostly', align: 'left' },
    ],
    forecasts.flatMap(({ subject, unit, quantiles, tables }) => {
      const [planned] = tables
      if (planned === undefined) return []
      const forecast = { ...planned, quantiles }
      const median = forecastQuantile(forecast, 0.5)
      const day = median.subarray(0, Math.max(1, Math.round(86400 / forecast.grid.stepSeconds)))
      const peak = day.indexOf(Math.max(...day))
      const { accuracy } = forecast
      const main = [...forecast.members].sort((a, b) => b.weight - a.weight)[0]
      return [[
        subjectName(subject),
        unit,
        figure(median[peak]),
        figure(forecastQuantile(forecast, 0.95)[peak]),
        rfc3339(stepStart(forecast.grid, peak)).slice(5, 16).replace('T', ' '),
        accuracy === undefined ? '?' : accuracy.weightedQuantileLoss.toFixed(3),
        percent(accuracy === undefined ? undefined : accuracy.weightedQuantileLoss / accuracy.naiveWeightedQuantileLoss),
        accuracy === undefined ? '?' : `${accuracy.exceeded} of ${accuracy.steps}`,
        main === undefined ? '?' : `${main.member} ${percent(main.weight)}`,
      ]]
    }),
  )
}

/** @returns what was made or kept, and by what */
export function forecastNotes(outcome: ForecastOutcome): string[] {
  if (outcome.kind === 'kept') return ['the forecasts in forecasts/ were made from this very history: kept']
  return [`network on ${outcome.backend ?? '?'}`, `${outcome.written.length} files changed in forecasts/`]
}

/** @returns what a forecast says, what drives it, how far it can be trusted */
export function forecastExplanation({ subject, unit, originSeconds, quantiles, tables, explanation }: SubjectForecast): string[] {
  const { peak, excluded, sentences } = explanation
  const [planned] = tables
  const finest = tables.at(-1)
  const accuracy = planned?.accuracy
  const parts = peak.contributions.map(({ part, value }) => `${partNames[part]} ${part === 'level' || value < 0 ? '' : '+'}${figure(value)}`)
  const worst = (accuracy?.worst ?? []).map(({ atSeconds, demand, p95 }) => `${instant(atSeconds)} ${figure(demand)} against ${figure(p95)}`)
  return [
    `${title(subjectName(subject))}  ${unit}, from ${instant(originSeconds)} UTC`,
    ...(planned === undefined ? [] : [pathLine(planned.statistic === 'peak' ? 'peaks' : 'means', planned, quantiles)]),
    ...(finest === undefined || finest.grid.stepSeconds === planned?.grid.stepSeconds ? [] : [pathLine('soon', finest, quantiles)]),
    ...aligned('peak', [`${figure(peak.median)} on ${instant(peak.atSeconds)} is ${parts.join(', ')}`]),
    ...aligned('accuracy', accuracy === undefined ? ['unknown: the history is too short to look back'] : [accuracyLine(accuracy)]),
    ...aligned('exceeded', accuracy === undefined ? [] : [`p95 in ${accuracy.exceeded} of ${accuracy.steps} steps${worst.length === 0 ? '' : `, furthest on ${worst.join('; ')}`}`]),
    ...aligned('data', excluded.length === 0 ? ['nothing left out or doubted'] : excluded.map(exclusionSentence)),
    ...aligned('why', sentences),
    '',
  ]
}

function pathLine(name: string, table: ForecastTable, quantiles: readonly number[]): string {
  const { grid } = table
  const median = forecastQuantile({ ...table, quantiles }, 0.5)
  const high = forecastQuantile({ ...table, quantiles }, 0.95)
  const day = median.subarray(0, Math.max(1, Math.round(86400 / grid.stepSeconds)))
  const top = day.indexOf(Math.max(...day))
  const until = rfc3339(stepStart(grid, day.length)).slice(11, 16)
  return `  ${name.padEnd(9)} ${sparkline([...day])}  per ${span(grid.stepSeconds)} until ${until} UTC: ${figure(median[0])} first, ${figure(median[top])} (p95 ${figure(high[top])}) at ${rfc3339(stepStart(grid, top)).slice(11, 16)}`
}

function accuracyLine({ origins, weightedQuantileLoss: loss, naiveWeightedQuantileLoss: naive, coverage95 }: NonNullable<ForecastTable['accuracy']>): string {
  return `loss ${loss.toFixed(3)} over ${origins} forecasts, ${percent(loss / naive)} of the better naive’s; ${percent(coverage95)} at or below p95`
}

function aligned(name: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `  ${(index === 0 ? name : '').padEnd(9)} ${line}`)
}

function instant(seconds: number): string {
  return rfc3339(seconds).slice(0, 16).replace('T', ' ')
}
