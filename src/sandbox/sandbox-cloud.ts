import { join } from 'node:path'
import type { Catalogue } from '../config/schema.ts'
import { contentHash } from '../domain/hash.ts'
import type { LiveCounts, LiveCountsSource, LivePool } from '../domain/observation.ts'
import { poolName, type RegionKey } from '../domain/pool.ts'
import { Problem } from '../domain/problem.ts'
import { createResource, deleteResource } from './cloud-calls.ts'
import { noteAnswers } from './answers.ts'
import { CloudError } from './clouds/cloud-api.ts'
import type { Traces } from './demand.ts'
import { foreignAutoscaler } from './foreign-autoscaler.ts'
import { applyLosses, converge, want } from './groups.ts'
import type { MetricStream } from './metrics.ts'
import { holdersOf, nameHolders, setWeight } from './names.ts'
import { usdSpent, type StepReport } from './physics.ts'
import { loadScenario, loadTraces, readText, worldOf, type Scenario } from './scenario.ts'
import { anchor, StateFolder } from './state-folder.ts'
import type { CloudState, Faults, SandboxGroup, ServiceTotals } from './state.ts'
import type { World, WorldHashes, WorldName } from './world.ts'

/** What a sandbox is made from. */
export interface SandboxInit {
  readonly scenarioFile: string
  /** Types and prices; may change while the sandbox lives, nodes keep the price they were ordered at. */
  readonly catalogue: Catalogue
  /** Names that users ask for; left out, or of a workload that has none, they reach its nodes wherever they are. */
  readonly names?: readonly WorldName[]
  /** Real time, Unix seconds; needed only for a clock that runs by itself. */
  readonly wallSeconds?: () => number
}

/** The sandbox since its start. */
export interface SandboxSummary {
  readonly startSeconds: number
  readonly nowSeconds: number
  /** By workload. */
  readonly service: Readonly<Record<string, ServiceTotals>>
  /** Nodes that are not gone, by state. */
  readonly nodes: { readonly ordered: number; readonly booting: number; readonly ready: number; readonly draining: number }
  readonly usdSpent: number
  /** What the nodes that are billed now cost. */
  readonly usdPerHour: number
}

/** A group as a hand in the cloud's console would name it. */
export interface GroupKey extends RegionKey {
  readonly group: string
}

/**
 * The simulated clouds in a folder. Every method works on the folder, so that any number of processes see the same clouds.
 * Where the folder cannot be used as it is, every method but `reset` throws Problem `sandbox-scenario-changed` or `sandbox-unusable`.
 */
export class SandboxCloud implements LiveCountsSource {
  readonly #files: StateFolder
  readonly #init: SandboxInit
  #obstacle: Problem | undefined

  private constructor(files: StateFolder, init: SandboxInit) {
    this.#files = files
    this.#init = init
  }

  /**
   * Opens the clouds of a folder; creates them, with the demand of the time before the start, on first use. What stands in the way of using
   * clouds that are there is told when they are used, so that a reset can mend it.
   * @throws Problem `file-missing`, `input-invalid`
   */
  static async open(directory: string, init: SandboxInit): Promise<SandboxCloud> {
    const files = new StateFolder(directory, init.wallSeconds ?? noClock)
    const cloud = new SandboxCloud(files, init)
    if (files.exists()) cloud.#obstacle = cloud.#keepUp()
    else cloud.#create()
    return Promise.resolve(cloud)
  }

  get #folder(): StateFolder {
    if (this.#obstacle !== undefined) throw this.#obstacle
    return this.#files
  }

  #load(): { readonly scenario: Scenario; readonly traces: Traces } {
    const scenario = loadScenario(this.#init.scenarioFile)
    return { scenario, traces: loadTraces(this.#init.scenarioFile, scenario) }
  }

  #create({ scenario, traces } = this.#load()): void {
    this.#files.create(
      () => ({ world: this.#world(scenario), traces }),
      (state, world) => {
        for (const { type, inputs } of scenario.existing) createResource(state, world, type, inputs, { region: undefined, project: 'sandbox' })
      },
    )
  }

  #world(scenario: Scenario): World {
    const { catalogue, names = [] } = this.#init
    return { ...worldOf(scenario, catalogue), ...(names.length > 0 && { names }), hashes: this.#hashes(scenario) }
  }

  #hashes(scenario: Scenario): WorldHashes {
    const { scenarioFile, catalogue, names = [] } = this.#init
    return {
      scenario: contentHash(scenario),
      scenarioText: contentHash(readText(scenarioFile)),
      catalogue: contentHash(catalogue),
      ...(names.length > 0 && { names: contentHash(names) }),
    }
  }

  /**
   * A changed catalogue, other names, or comments in the scenario, are taken over; a changed scenario would be another past.
   * @returns why the clouds cannot be used as they are; undefined when they can
   */
  #keepUp(): Problem | undefined {
    const { scenarioFile, catalogue, names = [] } = this.#init
    const { directory } = this.#files
    try {
      const { hashes } = this.#files.world()
      const sameNames = hashes.names === (names.length > 0 ? contentHash(names) : undefined)
      if (hashes.scenarioText !== contentHash(readText(scenarioFile)) || hashes.catalogue !== contentHash(catalogue) || !sameNames) {
        const scenario = loadScenario(scenarioFile)
        const wanted = this.#world(scenario)
        if (hashes.scenario !== wanted.hashes.scenario) return new Problem('sandbox-scenario-changed', { directory, scenario: scenarioFile })
        this.#files.replaceWorld(wanted)
      }
      this.#files.snapshot()
      return undefined
    } catch (cause) {
      if (!(cause instanceof CloudError)) throw cause
      return new Problem('sandbox-unusable', { directory, reason: cause.message }, { cause })
    }
  }

  /** @returns the sandbox's time, Unix seconds */
  now(): number {
    return this.#folder.snapshot().nowSeconds
  }

  /** Lets time pass; schedules, boots and demand happen at their instants. @param seconds  whole, ≥ 0 */
  async advance(seconds: number, onStep: (step: StepReport) => void = () => undefined): Promise<void> {
    if (!Number.isInteger(seconds) || seconds < 0) throw new RangeError(`advance: ${seconds} is not a whole number of seconds`)
    this.#folder.advance(seconds, onStep)
    return Promise.resolve()
  }

  /** Lets the clock run by itself, `rate` sandbox seconds per real second; 0 stops it. */
  setRate(rate: number): void {
    const wallSeconds = rate > 0 ? (this.#init.wallSeconds ?? noClock)() : 0
    this.#folder.change((state) => {
      state.rate = rate
      anchor(state, wallSeconds)
    })
  }

  /** Groups that carry a workload's tag, as pools, sorted by name; and all that sends users to regions. */
  liveCounts(regions: readonly RegionKey[]): LiveCounts {
    const state = this.#folder.snapshot()
    const wanted = new Set(regions.map((region) => `${region.cloud}/${region.region}`))
    const pools = Object.values(state.groups)
      .filter((group) => wanted.has(`${group.cloud}/${group.region}`))
      .flatMap((group) => livePool(state, group))
    return { atSeconds: state.nowSeconds, pools: pools.sort((a, b) => (poolName(a) < poolName(b) ? -1 : 1)), records: nameHolders(state).map(({ record }) => record) }
  }

  async read(regions: readonly RegionKey[], signal: AbortSignal): Promise<LiveCounts> {
    signal.throwIfAborted()
    return Promise.resolve(this.liveCounts(regions))
  }

  /** Moves a group's count as someone in the cloud's console would, within its bounds. @throws Problem `sandbox-refused` */
  setDesired(key: GroupKey, desired: number): void {
    this.#byHand((state, world) => {
      const group = groupOf(state, key)
      want(group, desired)
      converge(state, world, group)
    })
  }

  /** Deletes a group as someone in the cloud's console would. @throws Problem `sandbox-refused`, for example while an autoscaler uses it */
  deleteGroup(key: GroupKey): void {
    this.#byHand((state, world) => {
      const resource = state.resources[groupOf(state, key).key]
      if (resource !== undefined) deleteResource(state, world, resource.token, resource.id, resource.inputs, { region: key.region, project: 'sandbox' })
    })
  }

  /** Gives one answer of a name another weight, as someone in the cloud's console would; 0 disables an endpoint of Traffic Manager. @throws Problem `sandbox-refused` */
  setWeight(name: string, endpoint: string, weight: number): void {
    this.#byHand((state, world) => {
      setWeight(state, name, endpoint, weight)
      noteAnswers(state, world)
    })
  }

  /** Deletes all that answers for a name. @throws Problem `sandbox-refused` */
  deleteName(name: string): void {
    this.#byHand((state, world) => {
      for (const { token, id, inputs, region } of holdersOf(state, name)) deleteResource(state, world, token, id, inputs, { region, project: 'sandbox' })
    })
  }

  #byHand(body: (state: CloudState, world: World) => void): void {
    try {
      this.#folder.change(body)
    } catch (cause) {
      if (!(cause instanceof CloudError)) throw cause
      throw new Problem('sandbox-refused', { reason: cause.message }, { cause })
    }
  }

  /** Changes what goes wrong; what is left out stays as it is. */
  setFaults(faults: Partial<Faults>): void {
    this.#folder.change((state, world) => {
      state.faults = { ...state.faults, ...faults }
      applyLosses(state)
      for (const group of Object.values(state.groups)) converge(state, world, group)
    })
  }

  summary(): SandboxSummary {
    const state = this.#folder.snapshot()
    const count = (wanted: string): number => state.nodes.filter((node) => node.state === wanted).length
    return {
      startSeconds: this.#folder.world().startSeconds,
      nowSeconds: state.nowSeconds,
      service: state.totals,
      nodes: { ordered: count('ordered'), booting: count('booting'), ready: count('ready'), draining: count('draining') },
      usdSpent: usdSpent(state),
      usdPerHour: state.nodes.filter((node) => node.state !== 'gone' && node.billedFromSeconds !== null).reduce((sum, node) => sum + node.usdPerHour, 0),
    }
  }

  /** Glob of the daily line-protocol files of a stream. */
  metricFiles(stream: MetricStream): string {
    return join(this.#files.directory, 'metrics', stream, '*.lp')
  }

  /** Starts the clouds anew from the scenario as it is. @throws Problem `file-missing`, `input-invalid` */
  reset(): void {
    const parts = this.#load()
    this.#files.remove()
    this.#create(parts)
    this.#obstacle = undefined
  }
}

function noClock(): number {
  throw new TypeError('a sandbox whose clock runs by itself must be opened with wallSeconds')
}

function groupOf(state: CloudState, key: GroupKey): SandboxGroup {
  const group = Object.values(state.groups).find((candidate) => candidate.cloud === key.cloud && candidate.region === key.region && candidate.name === key.group)
  if (group === undefined) throw new CloudError('NotFound', `${key.cloud}/${key.region} has no group ${key.group}`)
  return group
}

function livePool(state: CloudState, group: SandboxGroup): readonly LivePool[] {
  if (group.workload === undefined) return []
  const { cloud, region, workload, type, option, name, min, desired, max } = group
  const ready = state.nodes.filter((node) => node.group === group.key && node.state === 'ready').length
  const autoscaler = foreignAutoscaler(state, group)
  return [{ cloud, region, workload, type, option, group: name, min, desired, max, ready, ...(autoscaler !== undefined && { autoscaler }) }]
}
