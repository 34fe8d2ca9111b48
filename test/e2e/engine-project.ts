import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { loadCatalogue } from '../../src/config/load-settings.ts'
import { desiredStateFile, writeDesiredState } from '../../src/documents/desired-state-file.ts'
import type { DesiredPool, DesiredState } from '../../src/domain/desired-state.ts'
import { groupName, stackName, type RegionKey } from '../../src/domain/pool.ts'
import type { EngineSettings, StackTarget } from '../../src/reconcile/engine.ts'
import { SandboxCloud } from '../../src/sandbox/sandbox-cloud.ts'
import { engineFolder } from '../support/engine.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A project of its own in a temporary folder: the checkout's program, a state of its own, simulated clouds of its own. */
export interface EngineProject {
  readonly directory: string
  readonly cloud: SandboxCloud
  readonly engine: EngineSettings
  /** Writes the desired state, as a plan would, and names it as a target. */
  target(state: DesiredState, refresh?: StackTarget['refresh']): StackTarget
  /** Runs `pulumi` as a person in a shell would. */
  shell(...options: readonly string[]): Promise<{ readonly stdout: string; readonly code: number }>
  remove(): void
}

export async function anEngineProject(change: Partial<EngineSettings> = {}): Promise<EngineProject> {
  const directory = mkdtempSync(join(tmpdir(), 'prescale-engine-'))
  for (const folder of ['stacks', 'data', '.prescale/pulumi', '.prescale/home']) mkdirSync(join(directory, folder), { recursive: true })
  for (const name of ['node_modules', 'src', 'package.json']) symlinkSync(join(root, name), join(directory, name))
  for (const name of ['index.ts', 'Pulumi.yaml']) writeFileSync(join(directory, name), readFileSync(join(root, name)))
  for (const name of readdirSync(join(root, 'data'))) if (name.endsWith('.gz')) symlinkSync(join(root, 'data', name), join(directory, 'data', name))
  const scenarioFile = join(directory, 'data', 'scenario.yaml')
  writeFileSync(scenarioFile, readFileSync(join(root, 'data', 'scenario.yaml'), 'utf8').replace(/^historyDays:.*$/m, 'historyDays: 0'))
  const catalogue = loadCatalogue(readFileSync(join(root, 'catalogue.yaml'), 'utf8'), 'catalogue.yaml')
  const cloud = await SandboxCloud.open(join(directory, '.prescale', 'sandbox'), { scenarioFile, catalogue })
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    PULUMI_HOME: join(directory, '.prescale', 'home'),
    PULUMI_CONFIG_PASSPHRASE: 'sandbox',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PRESCALE_SANDBOX: join(directory, '.prescale', 'sandbox'),
  }
  return {
    directory,
    cloud,
    engine: { projectDirectory: directory, commandDirectory: engineFolder(), env, parallel: 2, deadlineSeconds: 240, graceSeconds: 20, mostMemoryMib: 4096, policyPacks: [], policyPackConfigs: [], deletions: 'refuse', ...change },
    target(state, refresh = 'no') {
      writeFileSync(join(directory, desiredStateFile(state)), writeDesiredState(state))
      return { stack: `sandbox.${stackName(state)}`, desired: state, refresh }
    },
    async shell(...options) {
      const shellEnv = { ...env, PATH: [engineFolder(), dirname(process.execPath), env.PATH].join(delimiter) }
      try {
        const { stdout } = await promisify(execFile)('pulumi', [...options], { cwd: directory, env: shellEnv })
        return { stdout, code: 0 }
      } catch (error) {
        const failed = error as { stdout?: string; stderr?: string; code?: number }
        return { stdout: `${failed.stdout ?? ''}${failed.stderr ?? ''}`, code: failed.code ?? -1 }
      }
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

const typeOf = { aws: 'm7g.xlarge', gcp: 'n2d-standard-4', azure: 'Standard_D4as_v4' } as const
const zonesOf: Readonly<Record<string, readonly string[]>> = {
  'us-east-1': ['us-east-1a', 'us-east-1b', 'us-east-1c'],
  'us-central1': ['us-central1-a', 'us-central1-b', 'us-central1-c'],
  eastus: ['1', '2', '3'],
}

export function aRegionPool(region: RegionKey, change: Partial<DesiredPool> = {}): DesiredPool {
  const key = { ...region, workload: 'web', type: typeOf[region.cloud], option: 'on-demand', ...change } as const
  const zones = zonesOf[region.region] ?? []
  return {
    owns: 'count',
    was: 0,
    min: 1,
    desired: 3,
    max: 10,
    schedule: [],
    reason: 'demand',
    usdPerNodeHour: 0.2,
    launch: { subnets: [], securityGroups: [], zones, tags: { team: 'web' }, ...(region.cloud === 'azure' && { resourceGroup: `sandbox-${region.region}` }) },
    ...key,
    group: change.group ?? groupName(key),
  }
}

export function aRegionState({ cloud, region }: RegionKey, pools: readonly DesiredPool[]): DesiredState {
  return { cloud, region, planId: '0123456789abcdef', expiresSeconds: 1893456000, traffic: [], pools: pools.toSorted((a, b) => (a.group < b.group ? -1 : 1)) }
}

export const threeRegions: readonly RegionKey[] = [
  { cloud: 'aws', region: 'us-east-1' },
  { cloud: 'azure', region: 'eastus' },
  { cloud: 'gcp', region: 'us-central1' },
]
