import type { EvaluationOutcome } from '../../app/evaluate.ts'
import { table } from '../table.ts'
import { figure } from './figures.ts'

/** @returns one row per score: its name, its value, what would be right */
export function scoreTable({ series, forecasts, quantiles, scores, learningCpuSeconds, forecastingCpuSeconds, cpuSeconds }: EvaluationOutcome): string[] {
  const digits = (value: number | undefined, decimals: number): string => value?.toFixed(decimals) ?? '?'
  const per1000 = (seconds: number): string => (forecasts === 0 ? '' : `${figure((1000 * seconds) / forecasts)} per 1,000 forecasts`)
  return table(
    [
      { title: 'score', align: 'left' },
      { title: 'value', align: 'right' },
      { title: '', align: 'left' },
    ],
    [
      ['series', String(series), `${scores.series} scored`],
      ['forecasts', String(forecasts), `${scores.scored} scored`],
      ['WQL', digits(scores.wql, 4), 'lower is better'],
      ['MASE', digits(scores.mase, 3), 'of the median; below 1 beats last season’s value'],
      ...quantiles.map((quantile, q) => [`coverage ${quantile}`, digits(scores.coverage[q], 3), `aims for ${quantile}`]),
      ['CPU s, learning', figure(learningCpuSeconds), per1000(learningCpuSeconds)],
      ['CPU s, forecasting', figure(forecastingCpuSeconds), per1000(forecastingCpuSeconds)],
      ['CPU s, both', figure(cpuSeconds), per1000(cpuSeconds)],
    ],
  )
}
