import type { ForecastOutcome } from '../../app/steps/forecast-step.ts'
import { type DemandForecast, forecastQuantile } from '../../domain/forecast.ts'
import { rfc3339, stepStart } from '../../domain/grid.ts'
import { seriesName } from '../../domain/history.ts'
import { table } from '../table.ts'
import { figure, percent } from './figures.ts'

/** @returns one row per series: the coming day's peak, how sure it is, how good the model was lately */
export function forecastTable(forecasts: readonly DemandForecast[]): string[] {
  return table(
    [
      { title: 'series', align: 'left' },
      { title: 'unit', align: 'left' },
      { title: 'p50', align: 'right' },
      { title: 'p95', align: 'right' },
      { title: 'at', align: 'left' },
      { title: 'loss', align: 'right' },
      { title: 'of naive', align: 'right' },
      { title: 'p95 held', align: 'right' },
      { title: 'mostly', align: 'left' },
    ],
    forecasts.map((forecast) => {
      const median = forecastQuantile(forecast, 0.5)
      const day = median.subarray(0, Math.max(1, Math.round(86400 / forecast.grid.stepSeconds)))
      const peak = day.indexOf(Math.max(...day))
      const { accuracy } = forecast
      const main = [...forecast.members].sort((a, b) => b.weight - a.weight)[0]
      return [
        seriesName(forecast),
        forecast.unit,
        figure(median[peak]),
        figure(forecastQuantile(forecast, 0.95)[peak]),
        rfc3339(stepStart(forecast.grid, peak)).slice(5, 16).replace('T', ' '),
        accuracy === undefined ? '?' : accuracy.weightedQuantileLoss.toFixed(3),
        percent(accuracy === undefined ? undefined : accuracy.weightedQuantileLoss / accuracy.naiveWeightedQuantileLoss),
        percent(accuracy?.coverage95),
        main === undefined ? '?' : `${main.member} ${percent(main.weight)}`,
      ]
    }),
  )
}

/** @returns what was made or kept, and by what */
export function forecastNotes(outcome: ForecastOutcome): string[] {
  if (outcome.kind === 'kept') return ['the forecasts in forecasts/ were made from this very history: kept']
  return [`network on ${outcome.backend ?? '?'}`, `${outcome.written.length} files changed in forecasts/`]
}
