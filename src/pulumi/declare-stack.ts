import type { ComponentResourceOptions, Output } from '@pulumi/pulumi'
import { type DesiredPool, type DesiredState, isKubernetesPool, type KubernetesPool } from '../domain/desired-state.ts'
import type { Cloud } from '../domain/pool.ts'
import { stackName } from '../domain/pool.ts'
import { Problem } from '../domain/problem.ts'
import { missingNodeGroupSettings } from './aws/node-group-inputs.ts'
import { EksNodeGroup } from './aws/node-group.ts'
import { NodePool as AwsNodePool } from './aws/node-pool.ts'
import { AksAgentPool } from './azure/agent-pool.ts'
import { missingLaunchSettings as missingOnAzure } from './azure/inputs.ts'
import { NodePool as AzureNodePool } from './azure/node-pool.ts'
import { declareRecords } from './declare-records.ts'
import { GkeNodePool } from './gcp/container-node-pool.ts'
import { NodePool as GcpNodePool } from './gcp/node-pool.ts'

type NodePool = { readonly groupName: Output<string> }

interface PoolProgram<Pool extends DesiredPool> {
  readonly NodePool: new (pool: Pool, options: ComponentResourceOptions, importId?: string) => NodePool
  /** Settings of the region that the cloud needs and the pool lacks. */
  readonly missingSettings: (pool: DesiredPool) => readonly string[]
}

interface CloudProgram {
  readonly group: PoolProgram<DesiredPool>
  readonly kubernetes: PoolProgram<KubernetesPool>
}

const nothing = (): readonly string[] => []
const programs: Readonly<Record<Cloud, CloudProgram>> = {
  aws: { group: { NodePool: AwsNodePool, missingSettings: nothing }, kubernetes: { NodePool: EksNodeGroup, missingSettings: missingNodeGroupSettings } },
  gcp: { group: { NodePool: GcpNodePool, missingSettings: nothing }, kubernetes: { NodePool: GkeNodePool, missingSettings: nothing } },
  azure: { group: { NodePool: AzureNodePool, missingSettings: missingOnAzure }, kubernetes: { NodePool: AksAgentPool, missingSettings: missingOnAzure } },
}

/** Ids in the cloud, by group. */
export type ImportIds = Readonly<Record<string, string>>

/** What a stack exports, by group. */
export interface StackOutputs {
  readonly pools: Readonly<Record<string, { readonly group: Output<string>; readonly min: number; readonly desired: number; readonly max: number }>>
}

/**
 * Declares the resources of one stack: one component per pool, and the weighted records of what is served there. The only program there is, from the shell and from prescale's own runs:
 * same desired state, same resources.
 * @param imports  groups that the engine takes over from the cloud instead of making them
 * @throws Problem `launch-incomplete` before any resource is declared
 */
export function declareStack(desired: DesiredState, imports: ImportIds = {}): StackOutputs {
  const program = programs[desired.cloud]
  const missing = desired.pools.flatMap((pool) => missingSettings(program, pool).map((setting) => `${pool.group}: ${setting}`))
  if (missing.length > 0) throw new Problem('launch-incomplete', { stack: stackName(desired), missing })
  declareRecords(desired)
  return {
    pools: Object.fromEntries(
      desired.pools.map((pool) => {
        const { groupName } = declarePool(program, pool, imports[pool.group])
        return [pool.group, { group: groupName, min: pool.min, desired: pool.desired, max: pool.max }]
      }),
    ),
  }
}

function missingSettings(program: CloudProgram, pool: DesiredPool): readonly string[] {
  return (isKubernetesPool(pool) ? program.kubernetes : program.group).missingSettings(pool)
}

function declarePool(program: CloudProgram, pool: DesiredPool, importId: string | undefined): NodePool {
  return isKubernetesPool(pool) ? new program.kubernetes.NodePool(pool, {}, importId) : new program.group.NodePool(pool, {}, importId)
}
