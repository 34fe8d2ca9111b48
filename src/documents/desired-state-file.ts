import type { DesiredPool, DesiredRecord, DesiredState, LaunchSettings, ScheduledChange } from '../domain/desired-state.ts'
import { contentHash } from '../domain/hash.ts'
import { rfc3339 } from '../domain/grid.ts'
import { nodePoolKinds } from '../domain/kubernetes.ts'
import { clouds, ownerships, poolName, purchaseOptions, stackName } from '../domain/pool.ts'
import { Problem, type InputFault } from '../domain/problem.ts'
import { type PlacedDocument, readYaml } from './read-yaml.ts'
import { writeYaml } from './yaml-document.ts'

const schemaName = 'prescale.desired-state/1'
const what = 'the desired state'

/** @returns `stacks/aws-us-east-1.yaml`, relative to the project */
export function desiredStateFile(state: Pick<DesiredState, 'cloud' | 'region'>): string {
  return `stacks/${stackName(state)}.yaml`
}

/**
 * Hash of what the resources of a stack are made from. Left out: reasons, prices, plan, expiry, the counts before, and traffic
 * shares, from which no resource is made but the records that stand beside them; so a plan that changes no resource has the same hash.
 */
export function resourceHash(state: DesiredState): string {
  return contentHash({
    cloud: state.cloud,
    region: state.region,
    pools: state.pools.map(({ reason: _reason, usdPerNodeHour: _price, was: _was, ...resources }) => resources),
    records: state.records,
  })
}

/** Hash of what a stack's groups are, without their counts: while it is the same, an apply can neither delete nor replace a group. */
export function shapeHash(state: DesiredState): string {
  return contentHash({
    cloud: state.cloud,
    region: state.region,
    pools: state.pools.map(({ group, workload, type, option, owns, launch, kubernetes, adopted }) => ({ group, workload, type, option, owns, launch, kubernetes, adopted })),
  })
}

/** @returns the file's text; equal states give equal text */
export function writeDesiredState(state: DesiredState): string {
  const usdPerHour = state.pools.reduce((sum, pool) => sum + pool.desired * pool.usdPerNodeHour, 0)
  return writeYaml(
    {
      schema: schemaName,
      cloud: state.cloud,
      region: state.region,
      plan: state.planId,
      expires: rfc3339(state.expiresSeconds),
      resources: resourceHash(state),
      nodes: state.pools.reduce((sum, pool) => sum + pool.desired, 0),
      usdPerHour: Number(usdPerHour.toFixed(2)),
      traffic: trafficByWorkload(state),
      ...(state.records !== undefined && { records: state.records }),
      pools: state.pools.map((pool) => ({
        group: pool.group,
        workload: pool.workload,
        type: pool.type,
        option: pool.option,
        owns: pool.owns,
        nodes: { was: pool.was, min: pool.min, desired: pool.desired, max: pool.max },
        why: pool.reason,
        usdPerNodeHour: pool.usdPerNodeHour,
        schedule: Object.fromEntries(
          pool.schedule.map(({ minuteOfDay, ...nodes }) => [clockText(minuteOfDay), { min: nodes.min, desired: nodes.desired, max: nodes.max }]),
        ),
        launch: pool.launch,
        ...(pool.kubernetes && { kubernetes: pool.kubernetes }),
        ...(pool.adopted && { adopted: true }),
      })),
    },
    [
      'Written by prescale; `prescale plan` writes it anew, `prescale explain <pool>` says more.',
      'nodes: what the stack holds from now on, and what it held before. schedule: changes the cloud makes by itself, daily, UTC.',
    ],
  )
}

function trafficByWorkload(state: DesiredState): Record<string, Record<string, number>> {
  const byWorkload: Record<string, Record<string, number>> = {}
  for (const { workload, userZone, share } of state.traffic) (byWorkload[workload] ??= {})[userZone] = share
  return byWorkload
}

function clockText(minuteOfDay: number): string {
  return `${String(Math.floor(minuteOfDay / 60)).padStart(2, '0')}:${String(minuteOfDay % 60).padStart(2, '0')}`
}

/**
 * Reads a desired-state file, as strictly as it is written.
 * @throws Problem `input-invalid` with every fault at its line and column; `plan-edited` when it was changed after it was written
 */
export function readDesiredState(text: string, file: string): DesiredState {
  const document = readYaml(text, file, what)
  const reader = new Reader(document)
  const root = reader.record([])
  const cloud = reader.choice(['cloud'], clouds)
  const region = reader.text(['region'])
  if (root['schema'] !== schemaName) reader.fault(['schema'], `is ${JSON.stringify(root['schema'])}, expected ${schemaName}`)
  const expires = Date.parse(reader.text(['expires']))
  if (Number.isNaN(expires)) reader.fault(['expires'], 'expected a time such as 2026-01-26T03:00:00Z')
  const traffic = Object.keys(reader.record(['traffic'])).flatMap((workload) =>
    Object.keys(reader.record(['traffic', workload])).map((userZone) => ({ workload, userZone, share: reader.number(['traffic', workload, userZone]) })),
  )
  const pools = reader.list(['pools']).map((_, index) => readPool(reader, index, cloud, region))
  const groups = new Map<string, number>()
  pools.forEach((pool, index) => {
    const first = groups.get(pool.group)
    if (first !== undefined) reader.fault(['pools', index, 'group'], `${pool.group} is already the group of pools[${first}]`)
    else groups.set(pool.group, index)
  })
  const planId = reader.text(['plan'])
  const records = readRecords(reader, root)
  if (reader.faults.length > 0) throw new Problem('input-invalid', { what, faults: reader.faults })
  const state = { cloud, region, planId, expiresSeconds: expires / 1000, traffic, ...records, pools }
  if (root['resources'] !== resourceHash(state)) throw new Problem('plan-edited', { file })
  return state
}

function readPool(reader: Reader, index: number, cloud: DesiredState['cloud'], region: string): DesiredPool {
  const at = ['pools', index] as const
  const nodes = readNodes(reader, [...at, 'nodes'])
  const schedule = Object.keys(reader.record([...at, 'schedule'])).map((clock): ScheduledChange => {
    const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(clock)
    if (!match) reader.fault([...at, 'schedule', clock], 'expected a time of day such as 14:00')
    return { minuteOfDay: Number(match?.[1]) * 60 + Number(match?.[2]), ...readNodes(reader, [...at, 'schedule', clock]) }
  })
  const pool = {
    cloud,
    region,
    workload: reader.text([...at, 'workload']),
    type: reader.text([...at, 'type']),
    option: reader.choice([...at, 'option'], purchaseOptions),
    group: reader.text([...at, 'group']),
    owns: reader.choice([...at, 'owns'], ownerships),
    was: reader.count([...at, 'nodes', 'was']),
    ...nodes,
    schedule: schedule.sort((a, b) => a.minuteOfDay - b.minuteOfDay),
    reason: reader.text([...at, 'why']),
    usdPerNodeHour: reader.number([...at, 'usdPerNodeHour']),
    launch: readLaunch(reader, [...at, 'launch']),
    ...readKubernetes(reader, index),
    ...(reader.flag([...at, 'adopted']) && { adopted: true as const }),
  }
  const { schedules, title } = nodePoolKinds[cloud]
  if (pool.kubernetes !== undefined && schedules === 'none' && pool.schedule.length > 0) {
    reader.fault([...at, 'schedule'], `has ${pool.schedule.length} changes, and ${title} have no schedules`)
  }
  if (!/^[a-z]([a-z0-9-]{0,60}[a-z0-9])?$/.test(pool.group)) {
    reader.fault([...at, 'group'], `${poolName(pool)} has the group name ${JSON.stringify(pool.group)}, expected lower-case letters, digits and hyphens, at most 62`)
  }
  return pool
}

function readKubernetes(reader: Reader, index: number): Pick<DesiredPool, 'kubernetes'> {
  const at = ['pools', index, 'kubernetes'] as const
  if (!reader.has(at)) return {}
  return { kubernetes: { cluster: reader.text([...at, 'cluster']), ...(reader.has([...at, 'nodeRole']) && { nodeRole: reader.text([...at, 'nodeRole']) }) } }
}

function readRecords(reader: Reader, root: Record<string, unknown>): Pick<DesiredState, 'records'> {
  if (root['records'] === undefined) return {}
  return { records: reader.list(['records']).map((_, index) => readRecord(reader, ['records', index])) }
}

function readRecord(reader: Reader, at: Path): DesiredRecord {
  const text = (key: string): string => reader.text([...at, key])
  const common = { workload: text('workload'), userZone: text('userZone'), name: text('name'), ttlSeconds: reader.count([...at, 'ttlSeconds']) }
  if (!reader.has([...at, 'dns'])) return { ...common, zoneId: text('zoneId'), endpoint: text('endpoint'), weight: reader.count([...at, 'weight']) }
  const dns = reader.choice([...at, 'dns'], ['cloud-dns', 'traffic-manager'])
  const targets = reader.list([...at, 'targets']).map((_, index) => ({
    region: reader.text([...at, 'targets', index, 'region']),
    endpoint: reader.text([...at, 'targets', index, 'endpoint']),
    weight: reader.count([...at, 'targets', index, 'weight']),
  }))
  if (targets.every(({ weight }) => weight === 0)) reader.fault([...at, 'targets'], 'all have weight 0, expected one above')
  if (dns === 'cloud-dns') return { dns, ...common, managedZone: text('managedZone'), targets }
  const monitor = {
    protocol: reader.choice([...at, 'monitor', 'protocol'], ['HTTP', 'HTTPS', 'TCP']),
    port: reader.count([...at, 'monitor', 'port']),
    ...(reader.has([...at, 'monitor', 'path']) && { path: reader.text([...at, 'monitor', 'path']) }),
  }
  return { dns, ...common, resourceGroup: text('resourceGroup'), monitor, targets }
}

function readNodes(reader: Reader, at: readonly (string | number)[]): { min: number; desired: number; max: number } {
  const nodes = { min: reader.count([...at, 'min']), desired: reader.count([...at, 'desired']), max: reader.count([...at, 'max']) }
  if (nodes.min > nodes.desired || nodes.desired > nodes.max) {
    reader.fault(at, `is min ${nodes.min}, desired ${nodes.desired}, max ${nodes.max}; expected min ≤ desired ≤ max`)
  }
  return nodes
}

function readLaunch(reader: Reader, at: readonly (string | number)[]): LaunchSettings {
  const launch = reader.record(at)
  const optional = (key: string): Record<string, string> => (launch[key] === undefined ? {} : { [key]: reader.text([...at, key]) })
  const texts = (key: string): string[] => reader.list([...at, key]).map((_, index) => reader.text([...at, key, index]))
  return {
    ...optional('template'),
    ...optional('image'),
    ...optional('identity'),
    ...optional('resourceGroup'),
    subnets: texts('subnets'),
    securityGroups: texts('securityGroups'),
    zones: texts('zones'),
    tags: Object.fromEntries(Object.keys(reader.record([...at, 'tags'])).map((key) => [key, reader.text([...at, 'tags', key])])),
  }
}

type Path = readonly (string | number)[]

/** Reads members by path and gathers faults instead of stopping at the first. */
class Reader {
  readonly faults: InputFault[] = []
  readonly #document: PlacedDocument

  constructor(document: PlacedDocument) {
    this.#document = document
  }

  fault(path: Path, message: string): void {
    this.faults.push(this.#document.fault(path, message))
  }

  #at(path: Path): unknown {
    return path.reduce<unknown>((value, key) => (value === null || typeof value !== 'object' ? undefined : (value as Record<string | number, unknown>)[key]), this.#document.value)
  }

  has(path: Path): boolean {
    return this.#at(path) !== undefined
  }

  #expect<Value>(path: Path, expected: string, fits: (value: unknown) => value is Value, otherwise: Value): Value {
    const value = this.#at(path)
    if (fits(value)) return value
    this.fault(path, value === undefined ? `is missing, expected ${expected}` : `is ${JSON.stringify(value)}, expected ${expected}`)
    return otherwise
  }

  text(path: Path): string {
    return this.#expect(path, 'text', (value): value is string => typeof value === 'string' && value !== '', '')
  }

  number(path: Path): number {
    return this.#expect(path, 'a number of at least 0', (value): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0, 0)
  }

  count(path: Path): number {
    return this.#expect(path, 'a whole number of at least 0', (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0, 0)
  }

  /** @returns whether `true` stands there; false where nothing does */
  flag(path: Path): boolean {
    const value = this.#at(path)
    if (value !== undefined && value !== true) this.fault(path, `is ${JSON.stringify(value)}, expected true, or nothing`)
    return value === true
  }

  choice<Choice extends string>(path: Path, choices: readonly [Choice, ...Choice[]]): Choice {
    return this.#expect(path, `one of ${choices.join(', ')}`, (value): value is Choice => choices.includes(value as Choice), choices[0])
  }

  record(path: Path): Record<string, unknown> {
    return this.#expect(path, 'a map', (value): value is Record<string, unknown> => value !== null && typeof value === 'object' && !Array.isArray(value), {})
  }

  list(path: Path): readonly unknown[] {
    return this.#expect(path, 'a list', (value): value is readonly unknown[] => Array.isArray(value), [])
  }
}
