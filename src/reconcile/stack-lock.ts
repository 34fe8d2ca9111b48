import { existsSync, readFileSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { fileURLToPath } from 'node:url'

/** A lock that the engine's file backend found in its way. */
export interface StackLock {
  /** Where it lies: a file for backends on disk. */
  readonly url: string
  readonly holder: string
  readonly host: string
  readonly pid: number
  readonly sinceSeconds: number
}

/**
 * Reads the locks out of the engine's refusal, the one place where every backend names them, as
 * `file:///…/lock.json: created by user@host (pid 12) at 2026-01-26T00:00:00Z`.
 */
export function locksIn(refusal: string): readonly StackLock[] {
  const told = [...refusal.matchAll(/(\S+): created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/g)]
  const locks = told.map(([, url = '', user = '', host = '', pid = '', at = '']): [string, StackLock] => [
    url,
    { url, holder: `${user}@${host} (pid ${pid})`, host, pid: Number(pid), sinceSeconds: Date.parse(at) / 1000 },
  ])
  // The refusal stands twice in the text of the exception.
  return [...new Map(locks).values()]
}

/** What is known of processes on this machine. */
export interface ProcessTable {
  readonly host: string
  /** @returns when the process started, Unix seconds; `gone`; or `unknown` when it lives and does not tell */
  startedAt(pid: number): number | 'gone' | 'unknown'
}

/** A process that started later than this after its lock was taken is another one with the same number. */
const clockSlackSeconds = 5

/** @returns whether the lock's holder is proven dead: it was on this machine and its process is gone, or its number now belongs to a younger one */
export function holderIsDead(lock: Pick<StackLock, 'host' | 'pid' | 'sinceSeconds'>, processes: ProcessTable): boolean {
  if (lock.host !== processes.host) return false
  const started = processes.startedAt(lock.pid)
  if (started === 'gone') return true
  return started !== 'unknown' && started > lock.sinceSeconds + clockSlackSeconds
}

/** Removes a lock on disk; locks elsewhere are left to people. @returns whether it is gone */
export function removeLock(lock: StackLock): boolean {
  if (!lock.url.startsWith('file://')) return false
  const file = fileURLToPath(lock.url.replace(/\?.*$/, ''))
  if (!file.endsWith('.json') || !existsSync(file)) return !existsSync(file)
  rmSync(file)
  return true
}

/** The processes of this machine, from the kernel. */
export const localProcesses: ProcessTable = {
  host: hostname(),
  startedAt(pid) {
    // Read before the question whether it is there, so that one which goes in between is gone, not unknown.
    const started = linuxStart(pid) ?? 'unknown'
    try {
      process.kill(pid, 0)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'gone'
    }
    return started
  },
}

/** Kernel ticks per second in /proc: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

/** @returns undefined where there is no /proc; `gone` for a process that has ended and whose parent has not asked how */
function linuxStart(pid: number): number | 'gone' | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state = '', ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (state === 'Z' || state === 'X') return 'gone'
    const boot = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))
    return boot === null ? undefined : Number(boot[1]) + Number(rest[18]) / ticksPerSecond
  } catch {
    return undefined
  }
}
