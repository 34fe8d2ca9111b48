import type { TableOutcome } from '../../app/table/forecast-table.ts'
import { rfc3339 } from '../../domain/grid.ts'
import { percent } from './figures.ts'

/** Series that are named where something is wrong with them. */
const named = 5

/** @returns what was forecast, how good such forecasts were, what was left out, and where it stands */
export function tableNotes({ series, forecasts, empty, short, cold, originSeconds, shards, resumed, modelVersion, score, backend, out }: TableOutcome): string[] {
  return [
    `forecast  ${forecasts} of ${series} series from ${rfc3339(originSeconds)}`,
    ...(score === undefined ? [] : [`accuracy  ${percent(score.ofNaive)} of the better naive’s loss (the middle of ${score.series} series, ${score.forecasts} past forecasts), above 120 % in ${percent(score.worse)} of series; p95 held in ${percent(score.coverage95)} of steps`]),
    ...leftOut('no sample', empty),
    ...leftOut('too short', short),
    ...leftOut('new, a wide first guess:', cold),
    `models    ${modelVersion ?? 'none: no series has enough history to learn from'}`,
    `shards    ${shards}${resumed === 0 ? '' : `, ${resumed} of them from a run that was stopped`}`,
    `network   ${backend}`,
    `written   ${out}`,
  ]
}

function leftOut(why: string, series: readonly string[]): string[] {
  if (series.length === 0) return []
  return [`${why} ${series.slice(0, named).join(', ')}${series.length > named ? ` and ${series.length - named} more` : ''}`]
}
