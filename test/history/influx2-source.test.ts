import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import { Problem } from '../../src/domain/problem.ts'
import { Influx2Source, pauseSeconds } from '../../src/history/influx2/source.ts'
import { aQuery, day, monday } from './builders.ts'

const range = { fromSeconds: monday, toSeconds: monday + day }
const never = new AbortController().signal

const head = [
  '#datatype,string,long,dateTime:RFC3339,double,string',
  '#group,false,false,false,false,true',
  '#default,samples,,,,',
  ',result,table,_time,_value,user_zone',
]
const row = ',,0,2026-01-26T00:00:00Z,1,asia'
const least = [
  '#datatype,string,long,double,string',
  '#group,false,false,false,true',
  '#default,least,,,',
  ',result,table,_value,user_zone',
  ',,0,1,asia',
]
const text = (...lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('')
const good = text(...head, row, '', ...least, '')

type Answering = (response: ServerResponse, query: string) => void

/** A server that answers its n-th request by the n-th function, and further ones by the last. */
async function serverThat(
  context: TestContext,
  ...answers: readonly Answering[]
): Promise<{ source: (timeoutSeconds?: number) => Influx2Source; requests: string[]; pauses: number[] }> {
  const requests: string[] = []
  const pauses: number[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { query } = JSON.parse(Buffer.concat(chunks).toString()) as { query: string }
      requests.push(query)
      answers[Math.min(requests.length, answers.length) - 1]?.(response, query)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const patience = {
    random: () => 0.5,
    wait: (seconds: number) => {
      pauses.push(seconds)
      return Promise.resolve()
    },
  }
  const source = (timeoutSeconds = 30): Influx2Source =>
    new Influx2Source({ url, org: 'o', bucket: 'b', token: 'very-secret', timeoutSeconds }, patience)
  return { source, requests, pauses }
}

const failing =
  (status: number, message: string): Answering =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ code: 'x', message }))
const answering =
  (body: string): Answering =>
  (response) =>
    response.end(body)
const breaking: Answering = (response) => {
  response.write(text(...head, row, row))
  // the rows must have left before the line breaks
  response.write(text(row), () => response.socket?.destroy())
}

async function problemOf(reading: Promise<unknown>): Promise<Problem> {
  const error: unknown = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof Problem, String(error))
  assert.ok(!error.message.includes('very-secret'))
  return error
}

test('a connection that breaks in the middle of an answer is asked again, and its rows count once', async (context) => {
  const { source, pauses } = await serverThat(context, breaking, breaking, answering(good))
  const page = await source().read(aQuery(), range, 300, never)
  assert.deepEqual([...page.values], [1])
  assert.deepEqual(pauses, [0.25, 0.5])
})

test('a connection that always breaks is an error after five attempts', async (context) => {
  const { source, requests } = await serverThat(context, breaking)
  assert.match(
    (await problemOf(source().read(aQuery(), range, 300, never))).message,
    /the connection broke before the answer was complete .*tried 5 times/,
  )
  assert.equal(requests.length, 5)
})

test('a full queue and a busy gateway are asked again; a refused query is not', async (context) => {
  const passing = await serverThat(
    context,
    failing(400, 'failed to initialize execute state: queue length exceeded'),
    failing(503, 'busy'),
    failing(429, 'slow down'),
    answering(good),
  )
  assert.deepEqual([...(await passing.source().read(aQuery(), range, 300, never)).values], [1])
  const refused = await serverThat(context, failing(400, 'compilation failed: error at @1:2\n\nand more'), answering(good))
  assert.match(
    (await problemOf(refused.source().read(aQuery(), range, 300, never))).message,
    /refused the query \(HTTP 400: compilation failed: error at @1:2\)$/,
  )
  assert.equal(refused.requests.length, 1)
})

test('pauses double with full jitter up to four seconds', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 9].map((attempt) => pauseSeconds(attempt, 1)),
    [0.5, 1, 2, 4, 4],
  )
  assert.equal(pauseSeconds(3, 0), 0)
})

test('a server that falls silent in the middle of its answer is an error', async (context) => {
  const { source } = await serverThat(context, (response) => response.write(text(...head, row)))
  assert.match((await problemOf(source(0.05).read(aQuery(), range, 300, never))).message, /nothing came from the server for 0.05 s/)
})

test('a slow server is waited for as long as it goes on answering', async (context) => {
  const parts = good.split(/(?<=\r\n)/)
  const { source } = await serverThat(context, (response) => {
    const rest = parts.values()
    const timer = setInterval(() => {
      const { value, done } = rest.next()
      if (done !== true) response.write(value)
      else {
        clearInterval(timer)
        response.end()
      }
    }, 150)
  })
  assert.deepEqual([...(await source(1).read(aQuery(), range, 300, never)).values], [1])
})

test('a server that accepts and never answers is an error', async (context) => {
  const { source } = await serverThat(context, () => undefined)
  assert.match((await problemOf(source(0.05).read(aQuery(), range, 300, never))).message, /nothing came from the server for 0.05 s/)
})

test('an answer that lacks one of its two results is an error', async (context) => {
  for (const part of [text(...head, row, ''), text(...least, '')]) {
    const { source } = await serverThat(context, answering(part))
    assert.match((await problemOf(source().read(aQuery(), range, 300, never))).message, /cut short: one of its two results is missing/)
  }
})

test('an aborted load ends in the middle of an answer with the reason it was given', async (context) => {
  const abort = new AbortController()
  const reason = new Error('interrupted')
  const { source, requests } = await serverThat(context, (response) => {
    response.write(text(...head, row))
    abort.abort(reason)
  })
  await assert.rejects(source().read(aQuery(), range, 300, abort.signal), reason)
  assert.equal(requests.length, 1)
})

test('an address that is none is named', () => {
  const make = (): Influx2Source =>
    new Influx2Source(
      { url: 'ftp://metrics', org: 'o', bucket: 'b', token: 't', timeoutSeconds: 1 },
      { random: () => 0, wait: () => Promise.resolve() },
    )
  assert.throws(make, /ftp:\/\/metrics is not an http or https address/)
})

test('a window with a negative sample is read again sample by sample', async (context) => {
  const negative = text(...head, row, '', ...least.map((line) => line.replace(',,0,1,asia', ',,0,-2,asia')), '')
  const { source, requests } = await serverThat(context, answering(negative), answering(text(...head, row, row.replace(',1,', ',-2,'), '')))
  const page = await source().read(aQuery(), range, 300, never)
  assert.deepEqual([...page.values], [1, -2])
  assert.deepEqual(
    requests.map((query) => query.includes('aggregateWindow')),
    [true, false],
  )
})

test('what is read again stays read again: a counter is never aggregated, counts are summed, levels averaged', async (context) => {
  const { source, requests } = await serverThat(context, answering('\r\n'))
  for (const kind of ['counter', 'count', 'gauge'] as const) await source().read(aQuery({ kind }), range, 300, never)
  assert.deepEqual(
    requests.map((query) => /aggregateWindow\(every: 300s, fn: (\w+), createEmpty: false, timeSrc: "_start"\)/.exec(query)?.[1]),
    [undefined, 'sum', 'mean'],
  )
})
