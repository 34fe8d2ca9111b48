import { type ChildProcess, spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EngineRunKind, EngineSettings, HoldStack, StackEvent, StackRun, StackTarget } from './engine.ts'
import { groupMemoryMib } from './group-memory.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

/** From one look at a run's memory to the next. */
const memoryLookMilliseconds = 2000

const workerFile = fileURLToPath(new URL('./engine-worker.ts', import.meta.url))

/**
 * Runs the engine on several stacks, some at once, each in a supervised process group: one that fails, hangs or dies does not touch the
 * others. Never rejects for what a stack did: that is told in its run.
 * @param observer  told of progress, in the order in which it happens
 * @param signal    interrupts the stacks that run and leaves the others out; all are told as `aborted`
 * @param hold      nothing is held if left out
 * @returns one run per stack, in their order
 */
export async function runStacks(
  kind: EngineRunKind,
  stacks: readonly StackTarget[],
  engine: EngineSettings,
  observer: (event: StackEvent) => void,
  signal: AbortSignal,
  hold: HoldStack = () => Promise.resolve(undefined),
): Promise<readonly StackRun[]> {
  const runs = new Map<StackTarget, StackRun>()
  const waiting = [...stacks]
  const finish = (target: StackTarget, run: StackRun): void => {
    runs.set(target, run)
    observer({ kind: 'finished', run })
  }
  async function runSome(): Promise<void> {
    let worker: Worker | undefined
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      if (signal.aborted) {
        finish(target, endedRun(kind, target, 'aborted', 'interrupted before it began'))
        continue
      }
      const held = await hold(target)
      if (held !== undefined) {
        finish(target, endedRun(kind, target, 'refused', held))
        continue
      }
      worker = worker?.usable ? worker : new Worker(engine)
      observer({ kind: 'started', stack: target.stack })
      finish(target, await worker.run(kind, target, observer, signal))
    }
    await worker?.end()
  }
  await Promise.all(Array.from({ length: Math.min(engine.parallel, stacks.length) }, runSome))
  return stacks.flatMap((target) => runs.get(target) ?? [])
}

function endedRun(kind: EngineRunKind, target: StackTarget, outcome: StackRun['outcome'], message: string): StackRun {
  const changes = { created: 0, updated: 0, replaced: 0, deleted: 0, same: 0 }
  return { stack: target.stack, kind, outcome, changes, steps: [], failures: [{ urn: undefined, message }], found: [], notes: [], durationSeconds: 0 }
}

/** One worker process, leader of a process group that holds the engine and its providers too, so that all of them can be ended. */
class Worker {
  readonly #process: ChildProcess
  readonly #engine: EngineSettings
  readonly #exited: Promise<string>
  #stderr = ''
  #alive = true

  constructor(engine: EngineSettings) {
    this.#engine = engine
    this.#process = spawn(process.execPath, [workerFile], {
      cwd: engine.projectDirectory,
      detached: true,
      env: workerEnvironment(engine),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr = (this.#stderr + text).slice(-longestStderr)))
    this.#exited = new Promise((resolve) => {
      this.#process.once('error', (error) => resolve(error.message))
      this.#process.once('exit', (code, endSignal) => resolve(endSignal ?? `exit code ${code}`))
    })
    void this.#exited.then(() => {
      this.#alive = false
      this.#killGroup()
    })
  }

  /** @returns whether it lives and was never interrupted */
  get usable(): boolean {
    return this.#alive
  }

  /** Runs the engine on one stack; interrupted by the caller's signal or the deadline, killed after the grace. */
  async run(kind: EngineRunKind, target: StackTarget, observer: (event: StackEvent) => void, signal: AbortSignal): Promise<StackRun> {
    const timers: NodeJS.Timeout[] = []
    let reason = ''
    const interrupt = (why: string) => (): void => {
      if (reason !== '') return
      reason = why
      this.#send({ kind: 'interrupt' })
      timers.push(setTimeout(() => this.#killGroup(), this.#engine.graceSeconds * 1000))
    }
    const byCaller = interrupt('interrupted')
    signal.addEventListener('abort', byCaller)
    timers.push(setInterval(this.#watchMemory(interrupt), memoryLookMilliseconds))
    timers.push(setTimeout(interrupt(`took longer than ${this.#engine.deadlineSeconds} s and was interrupted`), this.#engine.deadlineSeconds * 1000))
    try {
      const run = await this.#answer(kind, target, observer)
      if (reason === '') return run
      return { ...run, failures: [...run.failures, { urn: undefined, message: reason }] }
    } catch (cause) {
      const how = cause instanceof Error ? cause.message : String(cause)
      return endedRun(kind, target, reason === '' ? 'failed' : 'aborted', reason === '' ? `the engine's process ended early (${how})` : reason)
    } finally {
      signal.removeEventListener('abort', byCaller)
      for (const timer of timers) clearTimeout(timer)
      if (reason !== '') await this.end()
    }
  }

  /** @returns what looks at the memory of the whole process group once */
  #watchMemory(interrupt: (why: string) => () => void): () => void {
    const { mostMemoryMib } = this.#engine
    return () => {
      const held = this.#process.pid === undefined ? undefined : groupMemoryMib(this.#process.pid)
      if (held !== undefined && held > mostMemoryMib) interrupt(`held ${Math.round(held)} MiB of memory, more than ${mostMemoryMib}, and was interrupted`)()
    }
  }

  async #answer(kind: EngineRunKind, target: StackTarget, observer: (event: StackEvent) => void): Promise<StackRun> {
    const finished = new Promise<StackRun>((resolve) => {
      this.#process.on('message', (message: FromWorker) => {
        if (message.kind === 'progress') observer(message.event)
        else if (message.kind === 'finished' && message.run.stack === target.stack) resolve(message.run)
      })
    })
    const { projectDirectory, deletions, policyPacks, policyPackConfigs } = this.#engine
    this.#send({ kind: 'run', run: kind, target, engine: { projectDirectory, deletions, policyPacks, policyPackConfigs } })
    try {
      return await Promise.race([finished, this.#exited.then((how) => Promise.reject(new Error(this.#told(how))))])
    } finally {
      this.#process.removeAllListeners('message')
    }
  }

  #told(how: string): string {
    const lines = this.#stderr.trim().split('\n').filter((line) => line !== '')
    return [how, ...lines.slice(-3)].join('; ')
  }

  #send(message: ToWorker): void {
    if (this.#process.connected) this.#process.send(message, () => {})
  }

  #killGroup(): void {
    if (this.#process.pid === undefined) return
    try {
      process.kill(-this.#process.pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }

  /** Ends the worker and all it started. */
  async end(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect()
    const timer = setTimeout(() => this.#killGroup(), this.#engine.graceSeconds * 1000)
    await this.#exited
    clearTimeout(timer)
  }
}

/** As much of a worker's own words as an error message may need. */
const longestStderr = 4000

function workerEnvironment(engine: EngineSettings): NodeJS.ProcessEnv {
  const path = [engine.commandDirectory, dirname(process.execPath), engine.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'].join(':')
  return {
    NODE_COMPILE_CACHE: join(engine.projectDirectory, '.prescale', 'compile-cache'),
    ...engine.env,
    PATH: path,
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: 'true',
  }
}
