import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InfluxDB } from '@influxdata/influxdb-client'
import { startInfluxd } from './influxd.ts'

const start = Date.UTC(2026, 0, 5) / 1000
const lines = Array.from({ length: 12_345 }, (_, index) => `requests,workload=web count=${index}i ${start + index}`)
const countAll = `from(bucket: "telegraf") |> range(start: ${start}, stop: ${start + 20_000}) |> count()`
/** Keeps every row until it has sorted them, so that a small memory limit is passed. */
const sortAll = `from(bucket: "telegraf") |> range(start: ${start}, stop: ${start + 20_000}) |> sort(columns: ["_value"], desc: true)`

test('a real InfluxDB server holds every line it was given and is gone when it is let go', async () => {
  let pid = 0
  {
    await using server = await startInfluxd()
    pid = server.pid
    await server.load(lines)
    const rows = await new InfluxDB({ url: server.url, token: server.token }).getQueryApi(server.org).collectRows<{ _value: number }>(countAll)
    assert.deepEqual(rows.map((row) => row._value), [12_345])
  }
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
})

test('a token for writing reads nothing and a token for reading writes nothing', async () => {
  await using server = await startInfluxd()
  const writer = await server.tokenTo('write')
  const reader = await server.tokenTo('read')
  await assert.rejects(new InfluxDB({ url: server.url, token: writer }).getQueryApi(server.org).collectRows(countAll), { statusCode: 404 })
  const refused = await fetch(`${server.url}/api/v2/write?org=${server.org}&bucket=${server.bucket}`, {
    method: 'POST', headers: { authorization: `Token ${reader}` }, body: 'requests count=1i',
  })
  assert.equal(refused.status, 403)
})

test('flags reach the server: with little memory for queries a large one ends in an error', async () => {
  await using server = await startInfluxd(['--query-memory-bytes', '100000', '--query-initial-memory-bytes', '100000', '--query-concurrency', '1'])
  await server.load(lines)
  const answer = await fetch(`${server.url}/api/v2/query?org=${server.org}`, {
    method: 'POST', headers: { authorization: `Token ${server.token}`, 'content-type': 'application/vnd.flux' }, body: sortAll,
  })
  assert.match(await answer.text(), /memory allocation limit/)
})

test('a flag that the server does not know fails with what the server said', async () => {
  await assert.rejects(startInfluxd(['--no-such-flag']), /unknown flag: --no-such-flag/)
})
