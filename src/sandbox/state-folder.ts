import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { contentHash } from '../domain/hash.ts'
import { CloudError } from './clouds/cloud-api.ts'
import { demandOf, type DemandAt, type Traces } from './demand.ts'
import { holdingLock } from './folder-lock.ts'
import { historyLines, stepLines, type MetricLines, type MetricStream } from './metrics.ts'
import { live, type StepReport } from './physics.ts'
import { emptyState, type CloudState } from './state.ts'
import { stepSeconds, type World } from './world.ts'

const names = { world: 'world.json', traces: 'traces.json', state: 'state.json', lock: 'lock.db', metrics: 'metrics' } as const

/** Steps that are lived under one hold of the lock, so that others never wait long. */
const stepsPerHold = 12

/** The newest daily file of a stream and how much of it belongs to the state. */
interface WrittenFile {
  readonly day: string
  readonly bytes: number
}

/** Grows with each change of what the files mean. */
const format = 2

interface StateFile {
  readonly format: number
  /** Hash of the world that the state was last lived in: a process that knows another one reads it anew. */
  readonly world: string
  readonly cloud: CloudState
  readonly written: Readonly<Partial<Record<MetricStream, WrittenFile>>>
}

/**
 * The folder that holds the simulated clouds: any number of processes work on it, none of them has to live.
 * `state.json` is replaced as a whole and last; metric files may be ahead of it after a kill and are cut back to it before they grow.
 */
export class StateFolder {
  readonly directory: string
  readonly #wallSeconds: () => number
  #world: World | undefined
  #worldHash: string | undefined
  #demandAt: DemandAt | undefined

  /** @param wallSeconds  real time, Unix seconds; asked only while the sandbox's clock runs by itself */
  constructor(directory: string, wallSeconds: () => number) {
    this.directory = directory
    this.#wallSeconds = wallSeconds
  }

  #path(name: string): string {
    return join(this.directory, name)
  }

  /** Whether clouds were created here. */
  exists(): boolean {
    return existsSync(this.#path(names.state))
  }

  /** @throws CloudError `NoSandbox` where none was created */
  world(): World {
    this.#world ??= JSON.parse(this.#read(names.world)) as World
    return this.#world
  }

  #demand(): DemandAt {
    this.#demandAt ??= demandOf(this.world(), JSON.parse(this.#read(names.traces)) as Traces)
    return this.#demandAt
  }

  #read(name: string): string {
    try {
      return readFileSync(this.#path(name), 'utf8')
    } catch (cause) {
      throw new CloudError('NoSandbox', `there are no simulated clouds in ${this.directory} (${cause instanceof Error ? cause.message : String(cause)})`)
    }
  }

  /**
   * Creates the clouds and writes their past, unless they are there. A call that was killed midway is done anew.
   * @param make  called only when they are not there
   */
  create(make: () => { readonly world: World; readonly traces: Traces }, furnish: (state: CloudState, world: World) => void): void {
    mkdirSync(this.directory, { recursive: true })
    holdingLock(this.#path(names.lock), () => {
      if (this.exists()) return
      const { world, traces } = make()
      for (const name of readdirSync(this.directory)) if (name !== names.lock && !name.startsWith(`${names.lock}-`)) rmSync(this.#path(name), { recursive: true })
      this.#replace(names.world, JSON.stringify(world))
      this.#replace(names.traces, JSON.stringify(traces))
      const state = emptyState(world.startSeconds)
      furnish(state, world)
      const written = this.#append(historyLines(world, demandOf(world, traces)), {})
      this.#keep({ format, world: contentHash(world), cloud: state, written })
    })
  }

  /** Takes the clouds away, so that `create` makes them anew. */
  remove(): void {
    mkdirSync(this.directory, { recursive: true })
    holdingLock(this.#path(names.lock), () => rmSync(this.#path(names.state), { force: true }))
  }

  /** Replaces what the world knows of types and prices; nodes keep the price they were ordered at. */
  replaceWorld(world: World): void {
    this.#alone((file) => {
      this.#replace(names.world, JSON.stringify(world))
      return { answer: undefined, file: { ...file, world: contentHash(world) } }
    })
  }

  /** @returns the clouds as they are, without waiting for anyone; a running clock is caught up with first */
  snapshot(): CloudState {
    const { cloud } = this.#stored()
    return cloud.rate === 0 ? cloud : this.change((state) => state)
  }

  /**
   * Runs `body` on the state, alone, and keeps what it did.
   * @throws what `body` throws; then only the count of calls is kept, as a cloud counts those it refuses
   */
  change<T>(body: (state: CloudState, world: World) => T): T {
    this.#catchUp()
    return this.#alone((file) => {
      try {
        return { answer: body(file.cloud, this.world()), file }
      } catch (error) {
        const before = this.#stored()
        this.#keep({ ...before, cloud: { ...before.cloud, apiCalls: before.cloud.apiCalls + 1 } })
        throw error
      }
    })
  }

  /** Lets `seconds` pass, on top of what others let pass at the same time. @param onStep  told of each step after it is kept */
  advance(seconds: number, onStep: (step: StepReport) => void): void {
    this.#catchUp()
    for (let left = seconds; left > 0; left -= stepsPerHold * stepSeconds) {
      this.#liveOn((now) => now + Math.min(left, stepsPerHold * stepSeconds), onStep)
    }
    // A clock that runs by itself goes on from here.
    if (this.#stored().cloud.rate > 0) this.change((state) => anchor(state, this.#wallSeconds()))
  }

  #catchUp(): void {
    const { cloud } = this.#stored()
    if (cloud.rate === 0) return
    const due = Math.floor(cloud.anchorNowSeconds + (this.#wallSeconds() - cloud.anchorWallSeconds) * cloud.rate)
    for (let now = cloud.nowSeconds; now < due; now += stepsPerHold * stepSeconds) {
      this.#liveOn((held) => Math.min(due, held + stepsPerHold * stepSeconds), () => undefined)
    }
  }

  #liveOn(target: (nowSeconds: number) => number, onStep: (step: StepReport) => void): void {
    const steps = this.#alone((file) => {
      const lived = live(file.cloud, this.world(), this.#demand(), target(file.cloud.nowSeconds))
      return { answer: lived, file: { ...file, written: this.#append(lived.flatMap((step) => stepLines(this.world(), step)), file.written) } }
    })
    for (const step of steps) onStep(step)
  }

  #alone<T>(body: (file: StateFile) => { readonly answer: T; readonly file: StateFile }): T {
    if (!this.exists()) this.#read(names.state)
    return holdingLock(this.#path(names.lock), () => {
      const { answer, file } = body(this.#stored())
      this.#keep(file)
      return answer
    })
  }

  #stored(): StateFile {
    const file = JSON.parse(this.#read(names.state)) as StateFile
    if (file.format !== format) {
      throw new CloudError('OtherFormat', `${this.directory} was written by another version of prescale`)
    }
    if (file.world !== this.#worldHash) {
      this.#world = undefined
      this.#demandAt = undefined
      this.#worldHash = file.world
    }
    return file
  }

  #keep(file: StateFile): void {
    this.#replace(names.state, JSON.stringify(file))
  }

  #replace(name: string, text: string): void {
    const beside = this.#path(`${name}.new`)
    writeFileSync(beside, text)
    renameSync(beside, this.#path(name))
  }

  /** Appends to daily files, each cut back first to what the state knows of: lines of a step that was killed before it was kept. */
  #append(lines: readonly MetricLines[], written: StateFile['written']): StateFile['written'] {
    const known: Partial<Record<MetricStream, WrittenFile>> = { ...written }
    for (const { stream, day, text } of joinByFile(lines)) {
      const folder = join(this.#path(names.metrics), stream)
      const path = join(folder, `${day}.lp`)
      const before = known[stream]
      const bytes = before?.day === day ? before.bytes : 0
      mkdirSync(folder, { recursive: true })
      if (existsSync(path) && statSync(path).size > bytes) truncateSync(path, bytes)
      if (text !== '') appendFileSync(path, text)
      known[stream] = { day, bytes: bytes + Buffer.byteLength(text) }
    }
    return known
  }
}

/** One write per file and hold, so that a reader meets whole steps. */
function joinByFile(lines: readonly MetricLines[]): MetricLines[] {
  const files = new Map<string, MetricLines>()
  for (const line of lines) {
    const key = `${line.stream}/${line.day}`
    files.set(key, { ...line, text: (files.get(key)?.text ?? '') + line.text })
  }
  return [...files.values()]
}

/** Lets the running clock count from this instant of real time. */
export function anchor(state: CloudState, wallSeconds: number): void {
  state.anchorWallSeconds = wallSeconds
  state.anchorNowSeconds = state.nowSeconds
}
