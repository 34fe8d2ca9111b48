import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createResource } from '../../src/sandbox/cloud-calls.ts'
import type { CallScope } from '../../src/sandbox/clouds/cloud-api.ts'
import { demandOf, type Traces } from '../../src/sandbox/demand.ts'
import type { Inputs } from '../../src/sandbox/inputs.ts'
import { live, type StepReport } from '../../src/sandbox/physics.ts'
import { StateFolder } from '../../src/sandbox/state-folder.ts'
import { emptyState, type CloudState, type SandboxGroup } from '../../src/sandbox/state.ts'
import type { CloudPhysics, World } from '../../src/sandbox/world.ts'

/** 2026-01-26T00:00:00Z, a Monday. */
export const monday = 1_769_385_600
export const hour = 3600
export const day = 86_400

export const scope: CallScope = { region: undefined, project: 'sandbox' }

/** Every node boots in exactly 60 s after 10 s of waiting, unless a test says otherwise. */
export const physics: CloudPhysics = {
  orderSeconds: 10,
  bootSecondsMedian: 60,
  bootSeconds95: 60,
  drainSeconds: 90,
  spotInterruptionsPerNodeHour: 0,
  spotNoticeSeconds: 30,
}

const price = { 'on-demand': 0.4, spot: 0.1 }

export function aWorld(over: Partial<World> = {}): World {
  return {
    seed: 7,
    startSeconds: monday,
    historySeconds: 0,
    clouds: { aws: physics, gcp: physics, azure: physics },
    regions: [
      { cloud: 'aws', region: 'us-east-1', zones: ['us-east-1a', 'us-east-1b', 'us-east-1c'], quotaVcpu: { 'on-demand': 400, spot: 400 } },
      { cloud: 'aws', region: 'eu-west-1', zones: ['eu-west-1a', 'eu-west-1b'], quotaVcpu: { 'on-demand': 400, spot: 400 } },
      { cloud: 'gcp', region: 'us-central1', zones: ['us-central1-a', 'us-central1-b', 'us-central1-c'], quotaVcpu: { 'on-demand': 400, spot: 400 } },
      { cloud: 'azure', region: 'eastus', zones: ['1', '2', '3'], quotaVcpu: { 'on-demand': 400, spot: 400 } },
    ],
    types: [
      { cloud: 'aws', type: 'm6i.xlarge', vcpu: 4, usdPerHour: { 'us-east-1': price, 'eu-west-1': price } },
      { cloud: 'gcp', type: 'e2-standard-4', vcpu: 4, usdPerHour: { 'us-central1': price } },
      { cloud: 'azure', type: 'Standard_D4s_v4', vcpu: 4, usdPerHour: { eastus: price } },
    ],
    workloads: [
      {
        name: 'web',
        measurement: 'http_requests',
        field: 'count',
        trace: 'flat',
        recordedAtSeconds: monday - 52 * 7 * day,
        scale: 1,
        userZones: [
          { name: 'us-east', share: 0.6, laterHours: 0 },
          { name: 'eu-west', share: 0.4, laterHours: -5 },
        ],
        vcpuPerUnit: 0.1,
      },
    ],
    hashes: { scenario: 'scenario', scenarioText: 'text', catalogue: 'catalogue' },
    ...over,
  }
}

/** Two weeks, 30 000 events in every step: 100 per second, which 10 vCPUs serve. */
export const flat: Traces = { flat: { startSeconds: monday - 53 * 7 * day, counts: new Array<number>(2 * 7 * 288).fill(30_000) } }

/** Clouds in memory. */
export class Clouds {
  readonly world: World
  readonly state: CloudState
  readonly #traces: Traces

  constructor(world: World = aWorld(), traces: Traces = flat) {
    this.world = world
    this.state = emptyState(world.startSeconds)
    this.#traces = traces
  }

  create(token: string, inputs: Inputs) {
    return createResource(this.state, this.world, token, inputs, scope)
  }

  advance(seconds: number): StepReport[] {
    return live(this.state, this.world, demandOf(this.world, this.#traces), this.state.nowSeconds + seconds)
  }

  /** The only group, or the one of that name. */
  group(name?: string): SandboxGroup {
    const found = Object.values(this.state.groups).find((group) => name === undefined || group.name === name)
    if (found === undefined) throw new Error('no such group')
    return found
  }

  count(state: string): number {
    return this.state.nodes.filter((node) => node.state === state).length
  }
}

export const templateToken = 'aws:ec2/launchTemplate:LaunchTemplate'
export const groupToken = 'aws:autoscaling/group:Group'
export const scheduleToken = 'aws:autoscaling/schedule:Schedule'
export const instanceTemplateToken = 'gcp:compute/instanceTemplate:InstanceTemplate'
export const managerToken = 'gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager'
export const autoscalerToken = 'gcp:compute/regionAutoscaler:RegionAutoscaler'
export const resourceGroupToken = 'azure-native:resources:ResourceGroup'
export const scaleSetToken = 'azure-native:compute:VirtualMachineScaleSet'
export const settingToken = 'azure-native:monitor:AutoscaleSetting'

export function templateInputs(over: Inputs = {}): Inputs {
  return { name: 'web', region: 'us-east-1', instanceType: 'm6i.xlarge', ...over }
}

export function groupInputs(over: Inputs = {}): Inputs {
  return {
    name: 'web',
    region: 'us-east-1',
    minSize: 0,
    maxSize: 50,
    desiredCapacity: 3,
    availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
    launchTemplate: { name: 'web', version: '$Latest' },
    waitForCapacityTimeout: '0',
    tags: [{ key: 'prescale-workload', value: 'web', propagateAtLaunch: true }],
    ...over,
  }
}

/** Clouds with one AWS group and its template. */
export function withAwsGroup(clouds: Clouds = new Clouds(), over: Inputs = {}, template: Inputs = {}): Clouds {
  clouds.create(templateToken, templateInputs(template))
  clouds.create(groupToken, groupInputs(over))
  return clouds
}

/** Clouds with one managed group of GCP and its template. */
export function withGcpGroup(clouds: Clouds = new Clouds(), over: Inputs = {}): Clouds {
  clouds.create(instanceTemplateToken, { name: 'web', machineType: 'e2-standard-4', disks: [{}], labels: { 'prescale-workload': 'web' } })
  clouds.create(managerToken, { name: 'web', region: 'us-central1', baseInstanceName: 'web', versions: [{ instanceTemplate: 'web' }], targetSize: 3, ...over })
  return clouds
}

/** Clouds with one scale set of Azure and its resource group. @returns them and the scale set's id */
export function withAzureGroup(clouds: Clouds = new Clouds(), over: Inputs = {}): { readonly clouds: Clouds; readonly scaleSet: string } {
  clouds.create(resourceGroupToken, { resourceGroupName: 'sandbox', location: 'eastus' })
  const { id } = clouds.create(scaleSetToken, {
    vmScaleSetName: 'web',
    resourceGroupName: 'sandbox',
    location: 'East US',
    sku: { name: 'Standard_D4s_v4', capacity: 3 },
    zones: ['1', '2', '3'],
    tags: { 'prescale-workload': 'web' },
    ...over,
  })
  return { clouds, scaleSet: id }
}

/** A folder that the test removes at its end. */
export function aTemporaryFolder(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'prescale-sandbox-'))
  context.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Clouds in a folder, with one AWS group when `furnish` is not given. */
export function aStateFolder(directory: string, world: World = aWorld()): StateFolder {
  const folder = new StateFolder(directory, () => 0)
  folder.create(
    () => ({ world, traces: flat }),
    (state) => {
      createResource(state, world, templateToken, templateInputs(), scope)
      createResource(state, world, groupToken, groupInputs(), scope)
    },
  )
  return folder
}
