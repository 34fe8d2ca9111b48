import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'

/** A real InfluxDB 2 server that lives as long as it is held: `await using server = await startInfluxd()`. */
export interface InfluxServer extends AsyncDisposable {
  readonly url: string
  readonly org: string
  readonly bucket: string
  /** May do everything. */
  readonly token: string
  readonly pid: number
  /** Writes line protocol with timestamps in seconds into `bucket`, and returns when the server has acknowledged all of it. */
  load(lines: Iterable<string>): Promise<void>
  /** @returns a token that may only read or only write `bucket` */
  tokenTo(action: 'read' | 'write'): Promise<string>
  /** Ends the server at once, as a crash would; disposing of it afterwards is allowed. */
  kill(): Promise<void>
}

const account = { org: 'prescale', bucket: 'telegraf', username: 'admin', token: 'all-access', password: 'not-a-secret' }
const startSeconds = 30
const stopSeconds = 10
const linesPerWrite = 5_000
const keptLogLines = 20

/** @returns the server that set-up found or built */
function influxdFile(): string {
  const given = process.env['PRESCALE_INFLUXD']
  const linked = join(import.meta.dirname, '../../node_modules/.bin')
  const candidates = given === undefined ? [linked, ...(process.env['PATH'] ?? '').split(delimiter)].map((folder) => join(folder, 'influxd')) : [given]
  const found = candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
  if (found === undefined) throw new Error('there is no influxd to test with: run npm run set-up once, or the tests by npm test')
  return found
}

/**
 * Starts a server on a free port of this machine, with a folder of its own, set up with an organisation, a bucket and a token.
 * @param flags  further flags of influxd, for example `--query-memory-bytes`, `1000000`
 * @throws Error when there is no influxd or it does not become ready; its last log lines are in the message
 */
export async function startInfluxd(flags: readonly string[] = []): Promise<InfluxServer> {
  const file = influxdFile()
  const folder = mkdtempSync(join(tmpdir(), 'prescale-influxd-'))
  const places = ['--engine-path', join(folder, 'engine'), '--bolt-path', join(folder, 'influxd.bolt'), '--sqlite-path', join(folder, 'influxd.sqlite')]
  const child = spawn(file, ['--http-bind-address', '127.0.0.1:0', ...places, '--reporting-disabled', '--ui-disabled', ...flags], {
    env: { PATH: process.env['PATH'], HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const endWithTest = (): void => void child.kill('SIGKILL')
  process.once('exit', endWithTest)
  try {
    const url = `http://127.0.0.1:${await listeningPort(child)}`
    await setUp(url)
    return serverOf(child, url, async () => {
      process.off('exit', endWithTest)
      await stop(child)
      rmSync(folder, { recursive: true, force: true })
    })
  } catch (error) {
    process.off('exit', endWithTest)
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** The server chooses the port and logs it, so that no other process can take it in between. */
async function listeningPort(child: ChildProcess): Promise<number> {
  const log: string[] = []
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const fail = (what: string): void => reject(new Error(`influxd ${what}\n${log.join('\n')}`))
  const timer = setTimeout(() => fail(`was not listening after ${startSeconds} s`), startSeconds * 1000)
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface(stream).on('line', (line) => {
      log.push(line)
      if (log.length > keptLogLines) log.shift()
      const port = line.includes('Listening') ? /"?port"?[:=]\s*(\d+)/.exec(line)?.[1] : undefined
      if (port !== undefined) resolve(Number(port))
    })
  }
  child.once('error', (error) => fail(`could not be started: ${error.message}`))
  child.once('close', (code) => fail(`ended with exit code ${code ?? 'none'} before it was listening`))
  return promise.finally(() => clearTimeout(timer))
}

async function request(url: string, token: string | undefined, method: 'GET' | 'POST', body?: string): Promise<unknown> {
  const headers = token === undefined ? {} : { authorization: `Token ${token}` }
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) })
  const text = await response.text()
  if (!response.ok) throw new Error(`influxd answered ${method} ${new URL(url).pathname} with ${response.status}: ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}

async function setUp(url: string): Promise<void> {
  await request(`${url}/api/v2/setup`, undefined, 'POST', JSON.stringify({ ...account, retentionPeriodSeconds: 0 }))
}

function serverOf(child: ChildProcess, url: string, dispose: () => Promise<void>): InfluxServer {
  const { org, bucket, token } = account
  return {
    url,
    org,
    bucket,
    token,
    pid: child.pid ?? 0,
    async load(lines) {
      const write = (batch: readonly string[]): Promise<unknown> =>
        request(`${url}/api/v2/write?org=${org}&bucket=${bucket}&precision=s`, token, 'POST', batch.join('\n'))
      let batch: string[] = []
      for (const line of lines) {
        batch.push(line)
        if (batch.length < linesPerWrite) continue
        await write(batch)
        batch = []
      }
      if (batch.length > 0) await write(batch)
    },
    async tokenTo(action) {
      const { buckets } = (await request(`${url}/api/v2/buckets?name=${bucket}`, token, 'GET')) as { buckets: readonly { id: string; orgID: string }[] }
      const [found] = buckets
      if (found === undefined) throw new Error(`influxd has no bucket ${bucket}`)
      const permissions = [{ action, resource: { type: 'buckets', id: found.id, orgID: found.orgID } }]
      const made = (await request(`${url}/api/v2/authorizations`, token, 'POST', JSON.stringify({ orgID: found.orgID, permissions }))) as { token: string }
      return made.token
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const closed = once(child, 'close')
      child.kill('SIGKILL')
      await closed
    },
    [Symbol.asyncDispose]: dispose,
  }
}

/** Asks the server to end, and ends it when it does not. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopSeconds * 1000)
  await closed
  clearTimeout(timer)
}
