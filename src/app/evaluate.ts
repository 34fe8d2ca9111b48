import { createReadStream, existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setImmediate } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { rfc3339 } from '../domain/grid.ts'
import { type InputFault, Problem } from '../domain/problem.ts'
import { evaluateForecasts, type EvaluatedForecast, type EvaluationPhase, type EvaluationTask } from '../forecast/evaluate.ts'
import {
  DemandTable,
  forecastTableHead,
  forecastTableRows,
  gridSeries,
  instantOf,
  layOrigins,
  type OriginLayout,
  type SeriesSamples,
} from '../forecast/evaluation-table.ts'
import { ForecastScorer, type ForecastScores } from '../forecast/score-forecasts.ts'
import type { StepSeries } from '../forecast/step-series.ts'
import { streamAtomically } from '../store/atomic-file.ts'
import { openNetwork } from './network.ts'
import type { World } from './world.ts'

/** What is to be forecast and scored; files relative to the working directory. */
export interface EvaluationRequest {
  readonly data: string
  /** What came after the end of the data; undefined where the data itself holds it. */
  readonly test: string | undefined
  /** The forecasts wanted; undefined where they are laid out by `layout`. */
  readonly origins: string | undefined
  readonly out: string
  readonly stepSeconds: number
  readonly layout: Omit<OriginLayout, 'afterEnd'>
  /** Ascending, each in (0, 1). */
  readonly quantiles: readonly number[]
}

export interface EvaluationOutcome {
  /** Series of the data. */
  readonly series: number
  readonly forecasts: number
  readonly quantiles: readonly number[]
  readonly scores: ForecastScores
  /** Of the whole process while it learned (global models, and weights on held-out days), while it forecast, and of both. */
  readonly learningCpuSeconds: number
  readonly forecastingCpuSeconds: number
  readonly cpuSeconds: number
  /** What the network ran on. */
  readonly backend: string
  readonly out: string
}

/** Faults that are told of one file: more would say the same again. */
const toldFaults = 20
/** Share of a step by which an origin may lie beside the grid: clocks that sample are never quite punctual. */
const unpunctual = 0.1
const seed = 1
const daySeconds = 86400

/**
 * Forecasts the series of a table from instants of their past as if made then, writes the forecasts as a table and scores them.
 * @throws Problem `file-missing`, `input-invalid` with the lines that are no rows
 */
export async function evaluate(world: World, request: EvaluationRequest): Promise<EvaluationOutcome> {
  const { stepSeconds, layout, quantiles } = request
  const { narrator, signal } = world
  narrator.begin('reading demand')
  const data = (await readDemand(world, request.data)).series
  const tasks = await tasksOf(world, request, data)
  const after = request.test === undefined ? new Map<string, SeriesSamples>() : (await readDemand(world, request.test)).series
  const actuals = new Map(tasks.map(({ series }) => [series.name, withLater(series, data.get(series.name), after.get(series.name))]))
  data.clear()
  const wanted = tasks.reduce((sum, { origins }) => sum + origins.length, 0)
  narrator.end(`${tasks.length} series, ${wanted} forecasts wanted`)

  const network = await openNetwork(world)
  const clock = new PhaseClock()
  const scorer = new ForecastScorer(actuals, quantiles, Math.max(1, Math.round(daySeconds / stepSeconds)))
  let forecasts = 0
  async function* rows(): AsyncGenerator<string> {
    yield forecastTableHead
    narrator.begin('training and forecasting')
    for await (const exact of evaluateForecasts(tasks, { horizonSteps: layout.horizonSteps, quantiles, seed, phase: (phase) => clock.begin(phase) }, network)) {
      clock.begin(undefined)
      // lets an interrupt arrive: forecasting itself never waits for anything
      await setImmediate()
      signal.throwIfAborted()
      const forecast = asWritten(exact)
      scorer.add(forecast)
      forecasts += 1
      narrator.progress(forecasts, wanted)
      yield forecastTableRows(forecast, quantiles)
      clock.begin('forecasting')
    }
    clock.begin(undefined)
    narrator.end(`${forecasts} forecasts`)
  }
  await streamAtomically(resolve(world.cwd, request.out), rows(), signal)
  const { learning, forecasting } = clock.seconds
  return {
    series: tasks.length,
    forecasts,
    quantiles,
    scores: scorer.scores(),
    learningCpuSeconds: learning,
    forecastingCpuSeconds: forecasting,
    cpuSeconds: learning + forecasting,
    backend: network.backend,
    out: request.out,
  }

  /** Scores are of what stands in the file. */
  function asWritten(forecast: EvaluatedForecast): EvaluatedForecast {
    return { ...forecast, paths: forecast.paths.map((value) => Number(value.toPrecision(6))) }
  }

  function withLater(series: StepSeries, known: SeriesSamples | undefined, later: SeriesSamples | undefined): StepSeries {
    if (known === undefined || later === undefined) return series
    const end = known.atSeconds.reduce((latest, seconds) => Math.max(latest, seconds), -Infinity)
    const news = Array.from(later.atSeconds.keys()).filter((index) => (later.atSeconds[index] ?? -Infinity) > end)
    const samples = {
      atSeconds: [...known.atSeconds, ...news.map((index) => later.atSeconds[index] ?? Number.NaN)],
      values: [...known.values, ...news.map((index) => later.values[index] ?? Number.NaN)],
    }
    return gridSeries(series.name, samples, stepSeconds)
  }
}

/** CPU seconds of the process by what it was at; reading, scoring and writing are no part of them. */
class PhaseClock {
  readonly seconds: Record<EvaluationPhase, number> = { learning: 0, forecasting: 0 }
  #phase: EvaluationPhase | undefined
  #since = process.cpuUsage()

  begin(phase: EvaluationPhase | undefined): void {
    if (phase === this.#phase) return
    const { user, system } = process.cpuUsage(this.#since)
    if (this.#phase !== undefined) this.seconds[this.#phase] += (user + system) / 1e6
    this.#phase = phase
    this.#since = process.cpuUsage()
  }
}

async function tasksOf(world: World, { origins: file, test, layout, stepSeconds }: EvaluationRequest, data: ReadonlyMap<string, SeriesSamples>): Promise<readonly EvaluationTask[]> {
  const all = Array.from(data, ([name, samples]) => gridSeries(name, samples, stepSeconds))
  if (file === undefined) return all.map((series) => ({ series, origins: layOrigins(series, { ...layout, afterEnd: test !== undefined }) }))
  const named = await readOrigins(world, file, new Map(all.map((series) => [series.name, series])))
  return all.map((series) => ({ series, origins: Array.from(named.get(series.name) ?? []).sort((a, b) => a - b) }))
}

async function readDemand(world: World, file: string): Promise<DemandTable> {
  const table = new DemandTable()
  await readLines(world, { what: 'the demand', file }, (line) => table.add(line))
  if (table.series.size > 0) return table
  throw new Problem('input-invalid', { what: 'the demand', faults: [{ file, line: undefined, column: undefined, path: '', message: 'holds no row of series,timestamp,value' }], again: 'prescale evaluate' })
}

/** @returns per series how many grid steps may be seen, each once */
async function readOrigins(world: World, file: string, all: ReadonlyMap<string, StepSeries>): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const named = new Map<string, Set<number>>()
  let columns: { readonly series: number; readonly origin: number } | undefined
  await readLines(world, { what: 'the origins', file }, (line) => {
    const fields = line.trimEnd().split(',')
    if (fields.join() === '') return
    if (columns === undefined) {
      const found = { series: fields.indexOf('series'), origin: fields.indexOf('origin') }
      if (found.series < 0 || found.origin < 0) throw new SyntaxError(`expected the columns series and origin, found ${line}`)
      columns = found
      return
    }
    const [name, origin] = [fields[columns.series] ?? '', fields[columns.origin] ?? '']
    const series = all.get(name)
    if (series === undefined) throw new SyntaxError(`the data has no series ${name}`)
    named.set(name, (named.get(name) ?? new Set()).add(stepsSeen(series, origin)))
  })
  return named
}

/** @throws SyntaxError when the series has no value by then, or no step begins then */
function stepsSeen({ startSeconds, stepSeconds, values, name }: StepSeries, origin: string): number {
  const seconds = instantOf(origin)
  if (Number.isNaN(seconds)) throw new SyntaxError(`expected an RFC 3339 timestamp, found ${origin}`)
  const position = (seconds - startSeconds) / stepSeconds
  const seen = Math.round(position) + 1
  if (Math.abs(position - seen + 1) > unpunctual) throw new SyntaxError(`no step of ${name} begins at ${origin}; one begins at ${rfc3339(startSeconds + Math.floor(position) * stepSeconds)}`)
  if (seen > values.length) throw new SyntaxError(`${origin} is after the end of ${name}, ${rfc3339(startSeconds + (values.length - 1) * stepSeconds)}`)
  if (!values.subarray(0, Math.max(0, seen)).some(Number.isFinite)) throw new SyntaxError(`${name} has no value by ${origin}`)
  return seen
}

/** Reads a text file line by line, decompressed when its name ends in `.gz`, and tells all lines that `add` does not take. */
async function readLines(world: World, { what, file }: { readonly what: string; readonly file: string }, add: (line: string) => void): Promise<void> {
  const path = resolve(world.cwd, file)
  const shown = relative(world.cwd, path)
  if (!existsSync(path)) throw new Problem('file-missing', { what, file: shown, make: 'name a file that is there' })
  const faults: InputFault[] = []
  const fault = (line: number | undefined, message: string): void => void faults.push({ file: shown, line, column: undefined, path: '', message })
  let number = 0
  try {
    const bytes = createReadStream(path)
    const text = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes
    bytes.once('error', (error) => text.destroy(error))
    for await (const line of createInterface({ input: text, crlfDelay: Infinity })) {
      world.signal.throwIfAborted()
      number += 1
      try {
        add(line)
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error
        fault(number, error.message)
        if (number === 1 || faults.length === toldFaults) break
      }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    fault(number + 1, `cannot be read: ${(error as Error).message}`)
  }
  if (faults.length > 0) throw new Problem('input-invalid', { what, faults, again: 'prescale evaluate' })
}
