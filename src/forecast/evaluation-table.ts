import { rfc3339 } from '../domain/grid.ts'
import type { EvaluatedForecast } from './evaluate.ts'
import type { StepSeries } from './step-series.ts'

/** Samples of one series as a table held them, in any order. */
export interface SeriesSamples {
  readonly atSeconds: number[]
  readonly values: number[]
}

/** Reads `series,timestamp,value` line by line; columns may come in any order. */
export class DemandTable {
  readonly series = new Map<string, SeriesSamples>()
  #columns: { readonly series: number; readonly timestamp: number; readonly value: number } | undefined

  /** @throws SyntaxError when it is not a row of the table */
  add(text: string): void {
    const line = text.trimEnd()
    if (line === '') return
    const fields = line.split(',')
    if (this.#columns === undefined) {
      const columns = { series: fields.indexOf('series'), timestamp: fields.indexOf('timestamp'), value: fields.indexOf('value') }
      if (Object.values(columns).some((column) => column < 0)) throw new SyntaxError(`expected the columns series, timestamp and value, found ${line}`)
      this.#columns = columns
      return
    }
    const name = fields[this.#columns.series]
    const seconds = instantOf(fields[this.#columns.timestamp] ?? '')
    const written = fields[this.#columns.value]
    const value = written === undefined || written === '' ? Number.NaN : Number(written)
    if (name === undefined || Number.isNaN(seconds) || (Number.isNaN(value) && written !== '' && written?.toLowerCase() !== 'nan')) {
      throw new SyntaxError(`expected a series, an RFC 3339 timestamp and a number, found ${line}`)
    }
    const samples = this.series.get(name) ?? { atSeconds: [], values: [] }
    samples.atSeconds.push(seconds)
    samples.values.push(value)
    this.series.set(name, samples)
  }
}

/** Unix seconds of an RFC 3339 timestamp; one without a zone is taken as UTC. NaN when it is none. */
export function instantOf(text: string): number {
  const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`
  return Date.parse(zoned.replace(' ', 'T')) / 1000
}

/**
 * Brings samples to a regular grid of `stepSeconds` that begins with the first of them. Samples that come more often are averaged by the
 * clock, and a step that lacks one of them is a gap.
 */
export function gridSeries(name: string, samples: SeriesSamples, stepSeconds: number): StepSeries {
  const order = Array.from(samples.atSeconds.keys()).sort((a, b) => (samples.atSeconds[a] ?? 0) - (samples.atSeconds[b] ?? 0))
  const at = order.map((index) => samples.atSeconds[index] ?? 0)
  const between = at.slice(1).map((seconds, i) => seconds - (at[i] ?? 0)).sort((a, b) => a - b)
  const native = between[Math.floor(between.length / 2)] ?? stepSeconds
  const perStep = native > 0 && native < stepSeconds ? Math.round(stepSeconds / native) : 1
  const first = at[0] ?? 0
  const startSeconds = perStep > 1 ? Math.floor(first / stepSeconds) * stepSeconds : first
  const last = at[at.length - 1] ?? startSeconds
  const place = (seconds: number): number => (perStep > 1 ? Math.floor((seconds - startSeconds) / stepSeconds) : Math.round((seconds - startSeconds) / stepSeconds))
  const length = at.length === 0 ? 0 : place(last) + 1
  const sums = new Float64Array(length)
  const counts = new Uint32Array(length)
  order.forEach((index, i) => {
    const value = samples.values[index] ?? Number.NaN
    if (!Number.isFinite(value)) return
    const step = place(at[i] ?? 0)
    sums[step] = perStep > 1 ? (sums[step] ?? 0) + value : value
    counts[step] = perStep > 1 ? (counts[step] ?? 0) + 1 : 1
  })
  const values = sums.map((sum, step) => ((counts[step] ?? 0) >= perStep ? sum / Math.max(1, counts[step] ?? 0) : Number.NaN))
  return { name, startSeconds, stepSeconds, values }
}

/** How origins are laid out when none are named. */
export interface OriginLayout {
  readonly horizonSteps: number
  readonly everySteps: number
  /** Share of each series, at its end, that is scored, 0 to 1. */
  readonly scoreLast: number
  /** Measured steps that an origin needs before it. */
  readonly minHistorySteps: number
  /** The horizon may lie after the data, because what came is held elsewhere: then the end of the data is the one origin. */
  readonly afterEnd: boolean
}

/** Origins of a series, as numbers of grid steps that may be seen; positions are counted in measured steps. */
export function layOrigins(series: StepSeries, layout: OriginLayout): number[] {
  const measured: number[] = []
  series.values.forEach((value, step) => {
    if (Number.isFinite(value)) measured.push(step)
  })
  const last = measured[measured.length - 1]
  if (last === undefined) return []
  if (layout.afterEnd) return measured.length >= layout.minHistorySteps ? [last + 1] : []
  const first = Math.max(layout.minHistorySteps, Math.ceil((1 - layout.scoreLast) * measured.length - 1e-9))
  const origins: number[] = []
  for (let seen = first; seen + layout.horizonSteps <= measured.length; seen += layout.everySteps) {
    const step = measured[seen - 1]
    if (step !== undefined) origins.push(step + 1)
  }
  return origins
}

/** Head of a table of forecasts. */
export const forecastTableHead = 'series,origin,timestamp,quantile,value\n'

/** Rows of one forecast, values to 6 significant digits. */
export function forecastTableRows(forecast: EvaluatedForecast, quantiles: readonly number[]): string {
  const { originSeconds, stepSeconds, paths } = forecast
  const horizon = paths.length / quantiles.length
  const head = `${forecast.series},${rfc3339(originSeconds)},`
  let rows = ''
  for (let step = 0; step < horizon; step += 1) {
    const at = `${head}${rfc3339(originSeconds + (step + 1) * stepSeconds)},`
    for (let q = 0; q < quantiles.length; q += 1) rows += `${at}${quantiles[q] ?? 0},${Number((paths[q * horizon + step] ?? 0).toPrecision(6))}\n`
  }
  return rows
}
