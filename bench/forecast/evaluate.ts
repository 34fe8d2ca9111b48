/**
 * Forecasts the series of a table from many origins and writes a table of quantiles, as `prescale evaluate` does.
 *   node bench/forecast/evaluate.ts --data demand.csv.gz --step 1h --horizon 48h --every 24h --score-last 20% --min-history 14d --out forecasts.csv
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { createGunzip } from 'node:zlib'
import { evaluateForecasts, type EvaluationTask } from '../../src/forecast/evaluate.ts'
import { DemandTable, forecastTableHead, forecastTableRows, gridSeries, instantOf, layOrigins } from '../../src/forecast/evaluation-table.ts'
import { nativeEnvironment } from '../../src/forecast/tensorflow/backend.ts'
import { loadNetwork } from '../../src/forecast/tensorflow/quantile-network.ts'

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    step: { type: 'string', default: '1h' },
    horizon: { type: 'string', default: '48h' },
    every: { type: 'string', default: '24h' },
    'score-last': { type: 'string', default: '20%' },
    'min-history': { type: 'string', default: '14d' },
    quantiles: { type: 'string', default: '0.1,0.5,0.9,0.95,0.99' },
    origins: { type: 'string' },
    test: { type: 'string' },
    out: { type: 'string' },
    seed: { type: 'string', default: '1' },
    network: { type: 'boolean', default: true },
  },
  allowNegative: true,
})

const secondsOf = (text: string): number => {
  const found = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text)
  if (found === null) throw new SyntaxError(`${text} is not a duration such as 5m, 48h or 14d`)
  return Number(found[1]) * { s: 1, m: 60, h: 3600, d: 86400 }[found[2] as 's' | 'm' | 'h' | 'd']
}
const lines = (file: string): AsyncIterable<string> => {
  const bytes = createReadStream(file)
  return createInterface({ input: file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes, crlfDelay: Infinity })
}
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

if (options.data === undefined || options.out === undefined) throw new SyntaxError('--data and --out are needed')
const stepSeconds = secondsOf(options.step)
const horizonSteps = Math.round(secondsOf(options.horizon) / stepSeconds)
const quantiles = options.quantiles.split(',').map(Number)
const table = new DemandTable()
for await (const line of lines(options.data)) table.add(line)
const named = new Map<string, number[]>()
if (options.origins !== undefined) {
  let head = true
  for await (const line of lines(options.origins)) {
    const [series, origin] = line.split(',')
    if (!head && series !== undefined && origin !== undefined) named.set(series, [...(named.get(series) ?? []), instantOf(origin)])
    head = false
  }
}
const tasks = Array.from(table.series, ([name, samples]): EvaluationTask => {
  const series = gridSeries(name, samples, stepSeconds)
  if (options.origins !== undefined) {
    const origins = (named.get(name) ?? []).map((seconds) => Math.round((seconds - series.startSeconds) / stepSeconds) + 1)
    return { series, origins: origins.sort((a, b) => a - b) }
  }
  const layout = {
    horizonSteps,
    everySteps: Math.round(secondsOf(options.every) / stepSeconds),
    scoreLast: Number(options['score-last'].replace('%', '')) / 100,
    minHistorySteps: Math.round(secondsOf(options['min-history']) / stepSeconds),
    afterEnd: options.test !== undefined,
  }
  return { series, origins: layOrigins(series, layout) }
})
table.series.clear()
Object.assign(process.env, nativeEnvironment)
const network = options.network ? await loadNetwork('auto') : undefined
const before = cpuSeconds()
const out = createWriteStream(options.out)
out.write(forecastTableHead)
let count = 0
for await (const forecast of evaluateForecasts(tasks, { horizonSteps, quantiles, seed: Number(options.seed) }, network)) {
  out.write(forecastTableRows(forecast, quantiles))
  count += 1
}
out.end()
await finished(out)
const total = cpuSeconds() - before
process.stdout.write(
  `${JSON.stringify({ series: tasks.length, forecasts: count, cpuSeconds: Number(total.toFixed(2)), cpuSecondsPer1000: Number(((1000 * total) / Math.max(1, count)).toFixed(1)), backend: network?.backend ?? 'none' })}\n`,
)
