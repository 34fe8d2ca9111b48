/**
 * Kills a process of a cycle, with a signal that none can answer, at many of the moments at which the cycle writes something, and looks at what
 * the next cycles make of it. `node bench/drills/kill-sweep.ts [points]`; ends with 1 when any point breaks a promise.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ending, SmallProject } from './small-project.ts'

export const victims = ['scheduler', 'child', 'engine', 'provider', 'database'] as const
export type Victim = (typeof victims)[number]

/** What one point of the sweep came to. */
export interface Point {
  readonly victim: Victim
  /** Writes seen before the kill, of so many in an undisturbed cycle. */
  readonly write: number
  readonly writes: number
  /** Promises that were broken; empty when all held. */
  readonly broken: readonly string[]
  readonly cycles: number
}

const commands: Readonly<Record<Exclude<Victim, 'database'>, RegExp>> = {
  scheduler: /prescale\.mjs\0reconcile|src\/cli\/[^\0]*\0reconcile/,
  child: /engine-worker/,
  engine: /(^|\/)pulumi\0/,
  provider: /sandbox\/provider\//,
}

/** @returns ids of the processes that work in a folder, and what they were started with */
function processesIn(directory: string): readonly { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      if (!readlinkSync(`/proc/${name}/cwd`).startsWith(directory)) return []
      return [{ pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, 'utf8') }]
    } catch {
      return []
    }
  })
}

function alive(directory: string, victim: Victim, database: ChildProcess): readonly number[] {
  if (victim === 'database') return database.pid === undefined ? [] : [database.pid]
  return processesIn(directory).filter(({ command }) => commands[victim].test(command)).map(({ pid }) => pid)
}

/** A cycle with changes to make, told of each write; what it returns ends the watching. */
async function watchedCycle(project: SmallProject, onWrite: (count: number) => void): Promise<{ readonly writes: number }> {
  let writes = 0
  const watcher = watch(project.directory, { recursive: true }, () => onWrite((writes += 1)))
  try {
    await ending(project.start('reconcile', '--json'))
  } finally {
    watcher.close()
  }
  return { writes }
}

/** A process may end between the look and the kill. */
function kill9(pid: number): 'killed' | 'gone' {
  try {
    process.kill(pid, 'SIGKILL')
    return 'killed'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'gone'
    throw error
  }
}

const port = 20_000 + (process.pid % 20_000)
const databaseProgram = fileURLToPath(new URL('./database.ts', import.meta.url))

async function startDatabase(folder: string): Promise<ChildProcess> {
  const database = spawn(process.execPath, [databaseProgram, folder, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (database.stdout !== null) await once(database.stdout, 'data')
  return database
}

/**
 * @param count  points in all, spread evenly over victims, and for each victim over the writes while it lives
 * @param told   each point as it ends
 */
export async function killSweep(count: number, told: (point: Point) => void): Promise<readonly Point[]> {
  const folder = mkdtempSync(join(tmpdir(), 'prescale-sweep-database-'))
  let database = await startDatabase(join(folder, 'data'))
  const project = new SmallProject(`postgres://postgres:postgres@127.0.0.1:${port}/postgres?sslmode=disable`)
  const points: Point[] = []
  let least = 20
  const change = async (): Promise<void> => {
    await project.prescale('sandbox', 'advance', '1h')
    project.settings({ least: (least = least === 20 ? 24 : 20) })
  }
  try {
    await project.prescale('reconcile', '--json')
    await change()
    const lives = new Map<Victim, number[]>(victims.map((victim) => [victim, []]))
    const { writes } = await watchedCycle(project, (write) => {
      for (const victim of victims) if (alive(project.directory, victim, database).length > 0) lives.get(victim)?.push(write)
    })
    for (let index = 0; index < count; index += 1) {
      const victim = victims[index % victims.length] ?? 'scheduler'
      const moments = lives.get(victim) ?? []
      const write = moments[Math.floor(((Math.floor(index / victims.length) + 0.5) / Math.ceil(count / victims.length)) * moments.length)] ?? 1
      await change()
      let killed = false
      const kill = (seen: number): void => {
        if (killed || seen < write) return
        for (const pid of alive(project.directory, victim, database)) {
          killed = kill9(pid) === 'killed' || killed
        }
      }
      await watchedCycle(project, kill)
      if (victim === 'database' && killed) {
        if (database.signalCode === null) await once(database, 'exit')
        database = await startDatabase(join(folder, 'data'))
      }
      const { broken, cycles } = await aftermath(project)
      const point: Point = { victim, write, writes, cycles, broken: killed ? broken : [`the ${victim} was not there to be killed`, ...broken] }
      points.push(point)
      told(point)
    }
    return points
  } finally {
    database.kill('SIGKILL')
    for (const { pid } of processesIn(project.directory)) kill9(pid)
    project.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Longest that what a killed process left running may go on. */
const orphansSeconds = 30
/** Cycles after which all must be as wanted. */
const mostCycles = 2

async function aftermath(project: SmallProject): Promise<{ readonly broken: readonly string[]; readonly cycles: number }> {
  const broken: string[] = []
  for (let waited = 0; processesIn(project.directory).length > 0; waited += 0.25) {
    if (waited > orphansSeconds) {
      broken.push(`still running: ${processesIn(project.directory).map(({ command }) => command.replaceAll('\0', ' ').slice(0, 80)).join('; ')}`)
      break
    }
    await wait(250)
  }
  let cycles = 0
  let last = ''
  let isThere = false
  while (!isThere && cycles < mostCycles) {
    cycles += 1
    const { code, stdout, stderr } = await project.prescale('reconcile', '--json')
    last = `${code} ${stdout.slice(0, 600)} ${stderr.slice(0, 300)}`
    isThere = code === 0 && (await unreached(project)).length === 0
  }
  if (!isThere) broken.push(`not as wanted after ${cycles} cycles: ${(await unreached(project)).join(', ')} (${last})`)
  return { broken: [...broken, ...(await unsound(project))], cycles }
}

interface Status {
  readonly pools: readonly { readonly pool: string; readonly state: string; readonly desired: number; readonly live?: number }[]
}

async function statusOf(project: SmallProject): Promise<Status | undefined> {
  const { code, stdout } = await project.prescale('status', '--json')
  return code === 0 ? (JSON.parse(stdout) as Status) : undefined
}

async function unreached(project: SmallProject): Promise<readonly string[]> {
  const status = await statusOf(project)
  return status === undefined ? ['status'] : status.pools.filter(({ state }) => state !== 'reached').map(({ pool, state }) => `${pool} ${state}`)
}

/** @returns duplicate or lost groups, operations that were left under way, locks that were left behind */
async function unsound(project: SmallProject): Promise<readonly string[]> {
  const found: string[] = []
  const names = (await statusOf(project))?.pools.filter(({ live }) => live !== undefined).map(({ pool }) => pool) ?? []
  if (names.length < 2) found.push(`groups were lost: ${names.length} of at least 2 are there`)
  if (new Set(names).size !== names.length) found.push(`two groups for one pool: ${names.join(', ')}`)
  const backend = join(project.directory, '.prescale', 'pulumi', '.pulumi')
  for (const name of readdirSync(backend, { recursive: true, encoding: 'utf8' })) {
    if (name.startsWith('locks/') && name.endsWith('.json')) found.push(`a lock is left: ${name}`)
    if (!/^stacks\/prescale\/[^/]+\.json$/.test(name)) continue
    const state = JSON.parse(readFileSync(join(backend, name), 'utf8')) as { checkpoint: { latest?: { pending_operations?: readonly unknown[]; resources?: readonly { urn: string }[] } } }
    const { pending_operations: pending = [], resources = [] } = state.checkpoint.latest ?? {}
    if (pending.length > 0) found.push(`${name} has ${pending.length} operations under way`)
    if (new Set(resources.map(({ urn }) => urn)).size !== resources.length) found.push(`${name} holds a resource twice`)
  }
  return found
}

if (import.meta.main) {
  const count = Number(process.argv[2] ?? 60)
  const points = await killSweep(count, ({ victim, write, writes, cycles, broken }) =>
    process.stdout.write(`${victim.padEnd(9)} killed at write ${String(write).padStart(4)} of ${writes}: ${broken.length === 0 ? `sound after ${cycles} cycle${cycles === 1 ? '' : 's'}` : broken.join('; ')}\n`),
  )
  const bad = points.filter(({ broken }) => broken.length > 0).length
  process.stdout.write(`${points.length - bad} of ${points.length} points sound\n`)
  process.exitCode = bad === 0 ? 0 : 1
}
