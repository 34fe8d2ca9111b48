import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { EvaluationOutcome } from '../../src/app/evaluate.ts'
import { rfc3339 } from '../../src/domain/grid.ts'
import { dailyDemand, mondaySeconds } from '../forecast/series.ts'
import { runPrescale, type Ended } from './run-prescale.ts'

const directory = mkdtempSync(join(tmpdir(), 'prescale-evaluate-'))
after(() => rmSync(directory, { recursive: true, force: true }))

const prescale = (...words: readonly string[]): Promise<Ended> => runPrescale(directory, words)
const path = (name: string): string => join(directory, name)
const at = (step: number): string => rfc3339(mondaySeconds + step * 3600)

/** Rows of `days` of hourly demand of two series, from step `from` on. */
function demandRows(from: number, to: number, change: (value: number, step: number) => number = (value) => value): string[] {
  return ['web/eu', 'web/us'].flatMap((series, index) =>
    Array.from(dailyDemand(20, index + 1)).flatMap((value, step) => (step < from || step >= to ? [] : [`${series},${at(step)},${change(value, step)}`])),
  )
}
const writeTable = (name: string, head: string, rows: readonly string[]): void => {
  const text = `${[head, ...rows].join('\n')}\n`
  writeFileSync(path(name), name.endsWith('.gz') ? gzipSync(text) : text)
}
const rowsOf = (name: string): string[][] => {
  const bytes = readFileSync(path(name))
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trim().split('\n').map((line) => line.split(','))
}
const small = ['--horizon', '12h', '--min-history', '7d']

writeTable('demand.csv.gz', 'series,timestamp,value', demandRows(0, 480))

test('forecasts are made from every origin of the scored share, written as a table, and scored', async () => {
  const ended = await prescale('evaluate', '--data', 'demand.csv.gz', ...small, '--quantiles', '0.9,0.5', '--out', 'out/forecasts.csv.gz', '--json')
  assert.equal(ended.code, 0, ended.stderr)
  const outcome = JSON.parse(ended.stdout) as EvaluationOutcome
  // the first origin has seen 384 of 480 hours, then one each day whose 12 hours are there: 384, 408, 432, 456
  assert.deepEqual([outcome.series, outcome.forecasts, outcome.scores.scored], [2, 8, 8])
  const [head, ...rows] = rowsOf('out/forecasts.csv.gz')
  assert.deepEqual(head, ['series', 'origin', 'timestamp', 'quantile', 'value'])
  assert.equal(rows.length, 8 * 12 * 2)
  assert.deepEqual([...new Set(rows.map((row) => row[1]))], [at(383), at(407), at(431), at(455)])
  assert.deepEqual(rows.slice(0, 3).map((row) => row.slice(2, 4)), [[at(384), '0.5'], [at(384), '0.9'], [at(385), '0.5']])
  assert.ok((outcome.scores.wql ?? 1) < 0.1, `WQL ${outcome.scores.wql}`)
  assert.ok(outcome.learningCpuSeconds > 0 && outcome.forecastingCpuSeconds > 0)
  assert.equal(outcome.cpuSeconds, outcome.learningCpuSeconds + outcome.forecastingCpuSeconds)
  assert.deepEqual(readdirSync(path('out')), ['forecasts.csv.gz'])
})

test('named origins are forecast, the end of the data too, and nothing that comes later is seen', async () => {
  const origins = [`web/us,${at(399)}`, `web/us,${at(479)}`]
  writeTable('origins.csv', 'series,origin', origins)
  writeTable('scrambled.csv', 'series,timestamp,value', demandRows(0, 480, (value, step) => (step > 399 ? 5000 - 7 * value : value)))
  const first = await prescale('evaluate', '--data', 'demand.csv.gz', ...small, '--origins', 'origins.csv', '--out', 'true.csv', '--json')
  assert.equal(first.code, 0, first.stderr)
  const outcome = JSON.parse(first.stdout) as EvaluationOutcome
  assert.deepEqual([outcome.forecasts, outcome.scores.scored], [2, 1])
  const second = await prescale('evaluate', '--data', 'scrambled.csv', ...small, '--origins', 'origins.csv', '--out', 'scrambled-forecasts.csv')
  assert.equal(second.code, 0, second.stderr)
  const from = (name: string, step: number): string[][] => rowsOf(name).filter((row) => row[1] === at(step))
  assert.equal(from('true.csv', 399).length, 12 * 5)
  assert.deepEqual(from('scrambled-forecasts.csv', 399), from('true.csv', 399))
  assert.notDeepEqual(from('scrambled-forecasts.csv', 479), from('true.csv', 479))
})

test('what came after the data is scored against and never forecast from', async () => {
  writeTable('known.csv', 'series,timestamp,value', demandRows(0, 456))
  writeTable('later.csv', 'series,timestamp,value', demandRows(456, 480))
  writeTable('ends.csv', 'series,origin', [`web/eu,${at(455)}`, `web/us,${at(455)}`])
  const beside = await prescale('evaluate', '--data', 'known.csv', '--test', 'later.csv', ...small, '--out', 'beside.csv', '--json')
  const alone = await prescale('evaluate', '--data', 'known.csv', '--origins', 'ends.csv', ...small, '--out', 'alone.csv', '--json')
  assert.deepEqual([beside.code, alone.code], [0, 0], beside.stderr + alone.stderr)
  assert.equal(readFileSync(path('beside.csv'), 'utf8'), readFileSync(path('alone.csv'), 'utf8'))
  const scored = (ended: Ended): number => (JSON.parse(ended.stdout) as EvaluationOutcome).scores.scored
  assert.deepEqual([scored(beside), scored(alone)], [2, 0])
})

test('lines that are no rows are all told with file and line, end with 7, and leave the last table alone', async () => {
  writeFileSync(path('bad.csv'), `series,timestamp,value\nweb,${at(0)},3\nweb,yesterday,3\nweb,${at(2)},many\n`)
  writeFileSync(path('kept.csv'), 'as it was\n')
  const ended = await prescale('evaluate', '--data', 'bad.csv', '--out', 'kept.csv')
  assert.equal(ended.code, 7)
  assert.match(ended.stderr, /2 faults\n {2}bad\.csv:3 expected .*yesterday.*\n {2}bad\.csv:4 expected .*many/)
  assert.equal(readFileSync(path('kept.csv'), 'utf8'), 'as it was\n')
})

test('what else cannot be evaluated ends with 7 and says why', async () => {
  writeTable('strange.csv', 'series,origin', [`web/asia,${at(5)}`, `web/eu,${at(480)}`, `web/eu,${at(100.5)}`])
  writeFileSync(path('torn.csv.gz'), readFileSync(path('demand.csv.gz')).subarray(0, 2000))
  const faults: readonly (readonly [RegExp, ...string[]])[] = [
    [/demand is missing: nowhere\.csv/, '--data', 'nowhere.csv'],
    [/strange\.csv:2 the data has no series web\/asia\n.*strange\.csv:3 .* is after the end of web\/eu.*\n.*strange\.csv:4 no step of web\/eu begins at/, '--data', 'demand.csv.gz', '--origins', 'strange.csv'],
    [/torn\.csv\.gz:\d+ cannot be read: /, '--data', 'torn.csv.gz'],
    [/--horizon is 90m, expected a multiple of the step, 3600 s/, '--data', 'demand.csv.gz', '--horizon', '90m'],
    [/--quantiles is 0\.5,1, expected/, '--data', 'demand.csv.gz', '--quantiles', '0.5,1'],
    [/--score-last is all, expected a share/, '--data', 'demand.csv.gz', '--score-last', 'all'],
    [/bad-head\.csv:1 expected the columns series, timestamp and value/, '--data', 'bad-head.csv'],
  ]
  writeFileSync(path('bad-head.csv'), 'name,when,what\n')
  for (const [expected, ...words] of faults) {
    const ended = await prescale('evaluate', '--out', 'none.csv', ...words)
    assert.deepEqual([ended.code, ended.stdout], [7, ''], words.join(' '))
    assert.match(ended.stderr, expected)
  }
  assert.equal(existsSync(path('none.csv')), false)
})

test('an interrupt ends evaluation with 130 and leaves neither a table nor a part of one', async () => {
  const partly = (): boolean => readdirSync(directory).some((name) => name.startsWith('stopped.csv.'))
  const ended = await runPrescale(directory, ['evaluate', '--data', 'demand.csv.gz', ...small, '--every', '1h', '--out', 'stopped.csv'], (child) => {
    const timer = setInterval(() => {
      if (partly()) child.kill('SIGINT')
      if (partly() || child.exitCode !== null) clearInterval(timer)
    }, 5)
  })
  assert.equal(ended.code, 130, ended.stdout + ended.stderr)
  assert.deepEqual([existsSync(path('stopped.csv')), partly()], [false, false])
})
