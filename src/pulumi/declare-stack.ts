import type { ComponentResourceOptions, Output } from '@pulumi/pulumi'
import type { DesiredPool, DesiredState } from '../domain/desired-state.ts'
import type { Cloud } from '../domain/pool.ts'
import { stackName } from '../domain/pool.ts'
import { Problem } from '../domain/problem.ts'
import { NodePool as AwsNodePool } from './aws/node-pool.ts'
import { declareRecords } from './aws/traffic-records.ts'
import { missingLaunchSettings as missingOnAzure } from './azure/inputs.ts'
import { NodePool as AzureNodePool } from './azure/node-pool.ts'
import { NodePool as GcpNodePool } from './gcp/node-pool.ts'

type NodePool = { readonly groupName: Output<string> }

interface CloudProgram {
  readonly NodePool: new (pool: DesiredPool, options: ComponentResourceOptions, importId?: string) => NodePool
  /** Launch settings that the cloud needs and the pool lacks. */
  readonly missingLaunchSettings: (pool: DesiredPool) => readonly string[]
}

const nothing = (): readonly string[] => []
const programs: Readonly<Record<Cloud, CloudProgram>> = {
  aws: { NodePool: AwsNodePool, missingLaunchSettings: nothing },
  gcp: { NodePool: GcpNodePool, missingLaunchSettings: nothing },
  azure: { NodePool: AzureNodePool, missingLaunchSettings: missingOnAzure },
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
  const missing = desired.pools.flatMap((pool) => program.missingLaunchSettings(pool).map((setting) => `${pool.group}: launch.${setting}`))
  if (missing.length > 0) throw new Problem('launch-incomplete', { stack: stackName(desired), missing })
  declareRecords(desired)
  return {
    pools: Object.fromEntries(
      desired.pools.map((pool) => {
        const { groupName } = new program.NodePool(pool, {}, imports[pool.group])
        return [pool.group, { group: groupName, min: pool.min, desired: pool.desired, max: pool.max }]
      }),
    ),
  }
}
