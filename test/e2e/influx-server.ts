import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const organisation = 'prescale'
const adminToken = 'admin-token'
const readySeconds = 60

/** A real InfluxDB server of one test file, with its own port and folder. */
export interface InfluxServer {
  readonly url: string
  readonly adminToken: string
  /** Makes a bucket. @returns its id */
  readonly makeBucket: (name: string) => Promise<string>
  /** @returns a token with these permissions on one bucket */
  readonly makeToken: (bucketId: string, actions: readonly ('read' | 'write')[]) => Promise<string>
  /** Writes line protocol with nanoseconds. Resolves when the server has it. */
  readonly write: (bucket: string, lines: string) => Promise<void>
  /** Ends the server's process at once, as a crash would. */
  readonly kill: () => Promise<void>
  readonly stop: () => Promise<void>
}

/**
 * Starts the server that PRESCALE_INFLUXD names.
 * @param options  further command-line options of influxd
 */
export async function startInflux(options: readonly string[] = []): Promise<InfluxServer> {
  const binary = process.env['PRESCALE_INFLUXD']
  if (binary === undefined) throw new Error('PRESCALE_INFLUXD does not name an influxd; `npm test` builds one and sets it')
  const folder = mkdtempSync(join(tmpdir(), 'prescale-influxd-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = spawn(
    binary,
    [
      ...['--http-bind-address', `127.0.0.1:${port}`, '--engine-path', join(folder, 'engine'), '--store', 'memory', '--sqlite-path', ':memory:'],
      ...['--bolt-path', join(folder, 'influxd.bolt'), '--reporting-disabled', '--ui-disabled', '--log-level', 'error', ...options],
    ],
    { env: { ...process.env, HOME: folder }, stdio: 'ignore' },
  )
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    const exited = exitOf(server)
    server.kill(signal)
    await exited
    rmSync(folder, { recursive: true, force: true })
  }
  await ready(url, server)
  const ask = async (path: string, body: unknown): Promise<{ readonly id: string; readonly token: string; readonly org: { readonly id: string } }> => {
    const response = await fetch(`${url}${path}`, { method: 'POST', headers: { authorization: `Token ${adminToken}` }, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as { id: string; token: string; org: { id: string } }
  }
  const setUp = await ask('/api/v2/setup', { username: 'prescale', password: 'prescale-password', org: organisation, bucket: 'first', token: adminToken })
  const orgID = setUp.org.id
  return {
    url,
    adminToken,
    makeBucket: async (name) => (await ask('/api/v2/buckets', { orgID, name, retentionRules: [] })).id,
    makeToken: async (id, actions) =>
      (await ask('/api/v2/authorizations', { orgID, permissions: actions.map((action) => ({ action, resource: { type: 'buckets', id, orgID } })) })).token,
    write: async (bucket, lines) => {
      const response = await fetch(`${url}/api/v2/write?org=${organisation}&bucket=${bucket}`, { method: 'POST', headers: { authorization: `Token ${adminToken}` }, body: lines })
      if (!response.ok) throw new Error(`write: ${response.status} ${await response.text()}`)
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  }
}

function exitOf(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => server.once('exit', () => resolve()))
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

async function ready(url: string, server: ChildProcess): Promise<void> {
  const deadline = performance.now() + readySeconds * 1000
  while (performance.now() < deadline) {
    if (server.exitCode !== null) throw new Error(`influxd ended with exit code ${server.exitCode}`)
    const answer = await fetch(`${url}/ready`).catch(() => undefined)
    if (answer?.status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`influxd was not ready within ${readySeconds} s`)
}
