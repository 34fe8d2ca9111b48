import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { forecastStep } from '../../src/app/steps/forecast-step.ts'
import { historyStep } from '../../src/app/steps/history-step.ts'
import { openProject, type Project } from '../../src/app/project.ts'
import type { World } from '../../src/app/world.ts'
import { smallestCatalogue, smallestSettings } from '../../src/config/reference-files.ts'
import { subjectName, type SubjectForecast } from '../../src/domain/forecast.ts'
import { rfc3339 } from '../../src/domain/grid.ts'
import { mondaySeconds } from '../forecast/series.ts'
import { anEvent, raised, usualDemand } from '../forecast/effects/known-demand.ts'
import { madeUpExecutions } from '../forecast/executions/made-up-executions.ts'
import { startInfluxd } from '../support/influxd.ts'
import { makeBucket } from './influx-buckets.ts'

const days = 21
const now = mondaySeconds + days * 86400 + 120
const folders: string[] = []
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

/** A project of files, at a fixed moment. */
async function aProject(files: Readonly<Record<string, string>>, env: World['env'] = {}): Promise<{ readonly project: Project; readonly warnings: string[] }> {
  const root = mkdtempSync(join(tmpdir(), 'prescale-known-'))
  folders.push(root)
  for (const [name, text] of Object.entries({ 'catalogue.yaml': smallestCatalogue, ...files })) writeFileSync(join(root, name), text)
  const warnings: string[] = []
  const narrator = { begin: () => undefined, progress: () => undefined, end: () => undefined, warn: (line: string) => void warnings.push(line) }
  const world: World = { env: { PRESCALE_TF_BACKEND: 'wasm', ...env }, cwd: root, now: () => now, sleep: () => Promise.resolve(), random: () => 0, narrator, signal: new AbortController().signal }
  return { project: await openProject(world, { directory: root, config: undefined }), warnings }
}

async function forecast(project: Project): Promise<{ readonly subjects: readonly SubjectForecast[]; readonly kind: string }> {
  const { upToOrigin } = await historyStep(project)
  return forecastStep(project, upToOrigin)
}

function settings(history: string, demand: string, more = ''): string {
  return `${smallestSettings.replace(/history: .*\n/, `history: ${history}\n`).replace(/demand: .*\n/, `demand: ${demand}\n`)}forecast: { step: 1h, horizon: 24h, finer: { step: 1h } }\nhistoryLimits: { step: 1h, window: ${days}d, maxAge: 2h }\n${more}`
}

/** Demand that rises by half in a sale: on three past days at noon, and again on the day to come. */
const sales = [8, 11, 17, days].map((day) => day * 24 + 12)
const demand = raised(usualDemand(days, 4, 0.02), sales.map((from) => [from, 3, 1.5]))
const demandCsv = `series,timestamp,value\n${Array.from(demand, (value, i) => `web/us-east,${rfc3339(mondaySeconds + i * 3600)},${value}`).join('\n')}\n`
const calendar = [
  'BEGIN:VCALENDAR', 'VERSION:2.0',
  ...sales.flatMap((from, i) => {
    const { startSeconds, endSeconds } = anEvent('sale', from, 3)
    const stamp = (seconds: number): string => rfc3339(seconds).replace(/[-:]/g, '')
    return ['BEGIN:VEVENT', `UID:${i}`, 'SUMMARY:weekly sale', `DTSTART:${stamp(startSeconds)}`, `DTEND:${stamp(endSeconds)}`, 'END:VEVENT']
  }),
  'END:VCALENDAR', '',
].join('\r\n')
const csvHistory = '{ source: csv, paths: [demand.csv] }'
const gauge = '{ measurement: requests, kind: gauge }'
const noonAt = (subject: SubjectForecast | undefined): number => {
  const table = subject?.tables[0]
  return table?.values[(subject?.quantiles.indexOf(0.5) ?? 0) * table.grid.length + 13] ?? Number.NaN
}

test('a calendar raises the forecast before its event is seen, says so in the file, and is forgotten with its entry', async () => {
  const { project } = await aProject({ 'prescale.yaml': settings(csvHistory, gauge, 'events: [{ name: shop, format: ical, from: sales.ics }]\n'), 'demand.csv': demandCsv, 'sales.ics': calendar })
  const made = await forecast(project)
  assert.equal(made.kind, 'made')
  const [told] = made.subjects
  assert.match(told?.explanation.sentences[0] ?? '', /^event 'weekly sale': \+(4\d|5\d) % \(.*\) from 3 past occurrences, next \w{3} 2026-01-26 12:00 UTC/)
  const file = readFileSync(join(project.root, 'forecasts', 'web', 'us-east.yaml'), 'utf8')
  assert.match(file, /kind: event\n\s+name: weekly sale\n\s+used: true/)
  assert.equal((await forecast(project)).kind, 'kept')
  writeFileSync(join(project.root, 'sales.ics'), calendar.replace(/BEGIN:VEVENT\r\nUID:3[^]*?END:VEVENT\r\n/, ''))
  const without = await forecast(project)
  assert.equal(without.kind, 'made')
  const ratio = noonAt(told) / noonAt(without.subjects[0])
  assert.ok(ratio > 1.35 && ratio < 1.65, `${ratio}`)
})

test('a feed that fails is held as it was last read and told; one never read is told as missing; a faulty file is refused at its line', async () => {
  let answer: { readonly status: number; readonly body: string } = { status: 200, body: calendar }
  const server = createServer((_request, response) => response.writeHead(answer.status).end(answer.body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  after(() => server.close())
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}/sales.ics`
  const feeds = `events:\n  - { name: shop, format: ical, from: '${url}' }\n  - { name: gone, format: csv, from: gone.csv }\n`
  const { project, warnings } = await aProject({ 'prescale.yaml': settings(csvHistory, gauge, feeds), 'demand.csv': demandCsv })
  const first = await forecast(project)
  assert.deepEqual(first.subjects[0]?.explanation.context?.notes, ['the event feed gone is missing and was never read: there is no such file'])
  for (const bad of [{ status: 500, body: 'no' }, { status: 200, body: '<html>sign in</html>' }]) {
    answer = bad
    const held = await forecast(project)
    assert.ok(noonAt(held.subjects[0]) > 0.97 * noonAt(first.subjects[0]))
    assert.match(warnings.find((line) => line.includes('shop')) ?? '', /^the event feed shop could not be read, what was read at 2026-01-26T00:02:00Z is held and only raises demand: /)
  }
  writeFileSync(join(project.root, 'gone.csv'), 'name,start,end\nsale,2026-01-30,2026-01-29\n')
  await assert.rejects(forecast(project), /gone\.csv:2:17 end: is 2026-01-29, not after the start 2026-01-30/)
})

const runs = madeUpExecutions(days, 9, (hour) => 20 * (1 + 0.8 * Math.sin((2 * Math.PI * (hour % 24)) / 24)), 1800, 2)
const each = [...runs.startSeconds.keys()].map((i) => ({ start: Math.round(runs.startSeconds[i] ?? 0), duration: Math.round(runs.durationSeconds[i] ?? 0), takes: runs.takes[i] ?? 0, i }))
const ended = each.filter(({ start, duration }) => start + duration <= now)
const lines = ended.map(({ start, duration, takes, i }) => `runs,workload=web,user_zone=us-east,run=${i} duration=${duration},vcpu=${takes},gib=${3 * takes} ${start}000000000`).join('\n')
const runsCsv = `workload,userZone,start,duration,vcpu,gib\n${ended.map(({ start, duration, takes }) => `web,us-east,${rfc3339(start)},${duration},${takes},${3 * takes}`).join('\n')}\n`
const executions = (more = ''): string => `{ measurement: runs, kind: executions, executions: { takes: vcpu, uses: { memory: gib }${more} } }`

test('executions give one and the same history and forecast from CSV, from line protocol and from InfluxDB', async () => {
  await using server = await startInfluxd()
  await makeBucket(server, 'runs', lines)
  const sources = [
    await aProject({ 'prescale.yaml': settings(csvHistory, executions(', paths: [runs.csv]')), 'demand.csv': 'series,timestamp,value\n', 'runs.csv': runsCsv }),
    await aProject({ 'prescale.yaml': settings('{ source: line-protocol, paths: [runs.lp] }', executions()), 'runs.lp': lines }),
    await aProject({ 'prescale.yaml': settings(`{ source: influx2, url: '${server.url}', org: ${server.org}, bucket: runs }`, executions()) }, { INFLUX_TOKEN: server.token }),
  ]
  const made = []
  for (const { project } of sources) made.push(await forecast(project))
  const [csv, lineProtocol, influx] = made.map(({ subjects }) => subjects)
  assert.deepEqual(lineProtocol, csv)
  assert.deepEqual(influx, csv)
  const effect = csv?.[0]?.explanation.context?.effects[0]
  assert.ok(effect?.kind === 'executions')
  assert.ok(Math.abs(effect.durationSeconds.p50 / 1800 - 1) < 0.1)
  assert.ok(csv?.[0]?.explanation.sentences.some((sentence) => sentence.startsWith('executions: ')))
  // three GiB for each vCPU that runs
  const memory = csv?.find(({ subject }) => subjectName(subject) === 'web/us-east.memory')
  assert.equal(memory?.unit, 'GiB')
  assert.ok(Math.abs(noonAt(memory) / noonAt(csv?.[0]) / 3 - 1) < 0.02, `${noonAt(memory)} GiB, ${noonAt(csv?.[0])} vCPU`)
  assert.ok(readFileSync(join(sources[0]?.project.root ?? '', 'forecasts', 'web', 'us-east.memory.yaml'), 'utf8').includes('kind: executions'))
})

test('a regressor in the history source is read ahead of now, and its effect is forecast', async () => {
  const hot = Array.from({ length: (days + 2) * 24 }, (_, i) => 15 + 8 * Math.sin(Math.floor(i / 24) * 2.3) + 2 * Math.sin((2 * Math.PI * i) / 24))
  const values = usualDemand(days, 6, 0.02).map((value, i) => value * Math.exp(0.03 * ((hot[i] ?? 15) - 15)))
  const text = [
    ...Array.from(values, (value, i) => `requests,workload=web,user_zone=us-east count=${value} ${mondaySeconds + i * 3600}000000000`),
    ...hot.map((value, i) => `weather,city=ny value=${value} ${mondaySeconds + i * 3600}000000000`),
  ].join('\n')
  const more = 'regressors: [{ source: history, name: temperature, measurement: weather, tags: { city: ny } }]\n'
  await using server = await startInfluxd()
  await makeBucket(server, 'weather', text)
  const sources = [
    await aProject({ 'prescale.yaml': settings('{ source: line-protocol, paths: [all.lp] }', gauge, more), 'all.lp': text }),
    await aProject({ 'prescale.yaml': settings(`{ source: influx2, url: '${server.url}', org: ${server.org}, bucket: weather }`, gauge, more) }, { INFLUX_TOKEN: server.token }),
  ]
  for (const { project, warnings } of sources) {
    const { subjects } = await forecast(project)
    assert.deepEqual(warnings, [])
    const effect = subjects[0]?.explanation.context?.effects[0]
    assert.ok(effect?.kind === 'regressor' && effect.used)
    const wanted = Math.exp(0.03 * effect.deviation) - 1
    assert.ok(Math.abs(effect.sharePerDeviation - wanted) < 0.35 * wanted, `${effect.sharePerDeviation} instead of ${wanted}`)
  }
})
