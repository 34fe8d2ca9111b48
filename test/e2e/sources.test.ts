import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startInfluxd } from '../support/influxd.ts'
import { aPrescaleProject, type PrescaleProject } from './prescale-project.ts'

/** What people review, without the plan's identity, which names the settings too. */
async function planned(project: PrescaleProject): Promise<ReadonlyMap<string, string>> {
  for (const step of ['forecast', 'plan']) {
    const ended = await project.prescale(step)
    assert.equal(ended.code, 0, ended.stdout + ended.stderr)
  }
  return new Map([...project.documents()].map(([name, text]) => [name, text.replace(/^plan: .*\n/m, '')]))
}

/** Demand of the sandbox before its start, as the line protocol it was written in. */
function recordedLines(project: PrescaleProject): readonly string[] {
  const folder = join(project.directory, '.prescale', 'sandbox', 'metrics', 'demand')
  return readdirSync(folder).sort().flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').filter((line) => line !== ''))
}

test('InfluxDB and CSV give the very forecasts and desired states that line protocol gives', async () => {
  await using lineProtocol = aPrescaleProject()
  const expected = await planned(lineProtocol)
  assert.equal([...expected.keys()].filter((name) => name.startsWith('stacks/')).length, 6)
  const lines = recordedLines(lineProtocol)
  assert.ok(lines.length > 7 * 28 * 280)

  await using server = await startInfluxd()
  // the server takes seconds, the files hold nanoseconds
  await server.load(lines.map((line) => line.slice(0, -'000000000'.length)))
  await using influx2 = aPrescaleProject({ INFLUX_TOKEN: server.token })
  const source = `source: influx2\n  url: ${server.url}\n  org: ${server.org}\n  bucket: ${server.bucket}`
  influx2.settings((text) => text.replace(/source: line-protocol\n {2}paths: .*\n {2}nodePaths: .*/, source))
  assert.deepEqual(await planned(influx2), expected)

  await using csv = aPrescaleProject()
  const rows = lines.map((line) => {
    const [, workload, zone, count, nanoseconds] = /^http_requests,workload=([^,]+),user_zone=(\S+) count=(\d+)i (\d+)$/.exec(line) ?? []
    return `${workload}/${zone},${new Date(Number(nanoseconds) / 1e6).toISOString()},${count}`
  })
  writeFileSync(join(csv.directory, 'demand.csv'), `series,timestamp,value\n${rows.join('\n')}\n`)
  csv.settings((text) => text.replace(/source: line-protocol\n {2}paths: .*\n {2}nodePaths: .*/, 'source: csv\n  paths: [demand.csv]'))
  assert.deepEqual(await planned(csv), expected)
})
