import { seriesName, type DemandQuery, type HistorySource } from '../../domain/history.ts'
import { resample } from '../../forecast/resample.ts'
import { modelSeries, type ModelSeries } from '../../forecast/step-series.ts'
import { loadHistory } from '../../history/load-history.ts'
import { noPages } from '../../history/pages.ts'

/** Which history the forecasts of a table are made from. */
export interface TableWindow {
  readonly originSeconds: number
  readonly windowSeconds: number
  /** Spacing of the history. */
  readonly historyStepSeconds: number
  /** Spacing of the forecasts. */
  readonly stepSeconds: number
}

/** Samples of one page, at most, so that its answer stays small. */
const mostSamples = 60_000
const secondsPerDay = 86_400

/**
 * Reads series and brings them to the step of the forecasts, by the peak within it.
 * @returns in the order of the queries; a series without any sample has no values
 */
export async function readSeries(source: HistorySource, queries: readonly DemandQuery[], window: TableWindow, signal: AbortSignal): Promise<readonly ModelSeries[]> {
  const { originSeconds, windowSeconds, historyStepSeconds, stepSeconds } = window
  const widest = Math.max(1, ...queries.map(({ userZones }) => userZones.length))
  const pageDays = Math.max(1, Math.floor((mostSamples * historyStepSeconds) / secondsPerDay / widest))
  const history = await loadHistory(
    source,
    queries,
    {
      asOfSeconds: originSeconds,
      windowSeconds,
      stepSeconds: historyStepSeconds,
      settleSeconds: 0,
      latenessSeconds: 0,
      pageSeconds: pageDays * secondsPerDay,
    },
    noPages,
    () => {},
    signal,
  )
  const known = new Map(history.series.map((series) => [seriesName(series), series]))
  return queries.flatMap(({ workload, userZones }) =>
    userZones.map((userZone) => {
      const name = seriesName({ workload, userZone })
      const values = known.get(name)?.values ?? new Float64Array(0)
      return modelSeries(resample({ name, grid: history.grid, values }, stepSeconds, originSeconds, 'peak'))
    }),
  )
}
