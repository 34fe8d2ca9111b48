import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openProject, type Project } from '../../src/app/project.ts'
import type { ApplyOptions } from '../../src/app/steps/apply-step.ts'
import { desiredStateFile, writeDesiredState } from '../../src/documents/desired-state-file.ts'
import type { DesiredPool, DesiredState } from '../../src/domain/desired-state.ts'
import { groupName, type RegionKey } from '../../src/domain/pool.ts'
import type { SandboxCloud } from '../../src/sandbox/sandbox-cloud.ts'
import { engineFolder } from '../support/engine.ts'
import { aPrescaleProject } from './prescale-project.ts'

/** A project whose steps a test calls itself: it writes the desired states, and the clock moves only when the test moves it. */
export interface AppProject extends AsyncDisposable {
  readonly directory: string
  readonly project: Project
  readonly cloud: SandboxCloud
  readonly warnings: readonly string[]
  /** Writes the desired states as a plan would. */
  plan(...states: readonly DesiredState[]): void
}

/** Everything that `applyStep` asks for. */
export const applyAll: ApplyOptions = { only: undefined, approved: [], overrides: { guards: [], reason: undefined }, waitSeconds: 0, purpose: 'test' }

/** Lines of the settings, as `allRegions` has them. */
export const regions = `
  - { cloud: aws, region: us-east-1, zones: [us-east-1a, us-east-1b, us-east-1c] }
  - { cloud: aws, region: eu-west-1, zones: [eu-west-1a, eu-west-1b, eu-west-1c] }
  - { cloud: gcp, region: us-central1, zones: [us-central1-a, us-central1-b, us-central1-c] }
  - { cloud: azure, region: eastus, zones: ['1', '2', '3'], launch: { resourceGroup: sandbox-eastus } }`

/** A machine that shares its work with others. */
export interface Machine {
  /** Where the machines keep their records. */
  readonly databaseUrl: string
  /** Folder of a project whose clouds and engine state it works on too; its own if left out. */
  readonly cloudsOf?: string
}

/**
 * @param settings     lines added to the settings; `serves` of the only workload is 200 requests/s per node
 * @param regionLines  the regions, where they are not those of `allRegions` as they come
 * @param machine      alone, on files, if left out
 */
export async function anAppProject(settings = '', regionLines = regions, machine?: Machine): Promise<AppProject> {
  const folder = aPrescaleProject()
  if (machine?.cloudsOf !== undefined) workOn(folder.directory, machine.cloudsOf)
  folder.settings(
    () => `name: shop
sandbox: { scenario: data/scenario.yaml }
${machine === undefined ? '' : 'coordination: { store: postgres }\n'}history: { source: line-protocol, paths: [.prescale/sandbox/metrics/demand/*.lp] }
limits: { largestStep: { nodes: 500, share: 50 }, floorShare: 0.5 }
userZones:
  - { name: us-east, latitude: 40.71, longitude: -74.01 }
regions:${regionLines}
workloads:
  - name: web
    unit: requests/s
    demand: { measurement: http_requests, kind: count }
    userZones: [us-east]
    serves: { perUnit: { vcpu: 0.02 } }
    types: [m7g.xlarge, c6i.2xlarge, n2d-standard-4, Standard_D4as_v4]
    leadTime: 5m
${settings}`,
  )
  const warnings: string[] = []
  const narrator = { begin: () => {}, progress: () => {}, end: () => {}, warn: (line: string) => void warnings.push(line) }
  const path = [engineFolder(), dirname(process.execPath), process.env['PATH'] ?? ''].join(':')
  const world = {
    env: { PATH: path, HOME: folder.directory, ...(machine && { PRESCALE_DATABASE_URL: machine.databaseUrl }) },
    cwd: folder.directory,
    now: () => 1_790_000_000,
    sleep: () => Promise.reject(new Error('a sandbox moves its clock and waits for nobody')),
    random: () => 0.5,
    narrator,
    signal: AbortSignal.timeout(280_000),
  }
  const project = await openProject(world, { directory: folder.directory, config: undefined })
  if (project.sandbox === undefined) throw new Error('the project has a sandbox')
  return {
    directory: folder.directory,
    project,
    cloud: project.sandbox,
    warnings,
    plan: (...states) => {
      mkdirSync(join(folder.directory, 'stacks'), { recursive: true })
      for (const state of states) writeFileSync(join(folder.directory, desiredStateFile(state)), writeDesiredState(state))
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

/** Everything that a machine with an empty disk finds elsewhere: the clouds, and the engine's state. */
export function workOn(directory: string, cloudsOf: string): void {
  mkdirSync(join(directory, '.prescale'))
  for (const shared of ['sandbox', 'pulumi']) symlinkSync(join(cloudsOf, '.prescale', shared), join(directory, '.prescale', shared))
}

const types = { aws: 'm7g.xlarge', gcp: 'n2d-standard-4', azure: 'Standard_D4as_v4' } as const
const zones: Readonly<Record<string, readonly string[]>> = {
  'us-east-1': ['us-east-1a', 'us-east-1b', 'us-east-1c'],
  'eu-west-1': ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
  'us-central1': ['us-central1-a', 'us-central1-b', 'us-central1-c'],
  'europe-west1': ['europe-west1-b', 'europe-west1-c', 'europe-west1-d'],
  eastus: ['1', '2', '3'],
}

/** So many nodes of four vCPUs in a region, as a plan made on `was` nodes wants them. */
export function aPool(region: RegionKey, desired: number, was: number, change: Partial<DesiredPool> = {}): DesiredPool {
  const key = { cloud: region.cloud, region: region.region, workload: 'web', type: change.type ?? types[region.cloud], option: change.option ?? 'on-demand' } as const
  return {
    ...key,
    group: groupName(key),
    owns: 'count',
    was,
    min: desired,
    desired,
    max: Math.max(desired, 10),
    schedule: [],
    reason: 'of the test',
    usdPerNodeHour: 0.2,
    launch: {
      subnets: [],
      securityGroups: [],
      zones: zones[region.region] ?? [],
      tags: {},
      ...(region.cloud === 'azure' && { resourceGroup: `sandbox-${region.region}` }),
    },
    ...change,
  }
}

export function aState(region: RegionKey, pools: readonly DesiredPool[], change: Partial<DesiredState> = {}): DesiredState {
  return { cloud: region.cloud, region: region.region, planId: '0123456789abcdef', expiresSeconds: 1_893_456_000, traffic: [], pools, ...change }
}

export const virginia = { cloud: 'aws', region: 'us-east-1' } as const
export const ireland = { cloud: 'aws', region: 'eu-west-1' } as const
export const iowa = { cloud: 'gcp', region: 'us-central1' } as const
export const azureEast = { cloud: 'azure', region: 'eastus' } as const
export const allRegions = [virginia, ireland, iowa, azureEast] as const
