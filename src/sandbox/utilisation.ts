import type { CloudState, SandboxNode } from './state.ts'

/** @returns load over capacity of the newest step for the nodes of a workload in a region; undefined before the first */
export function utilisationOf(state: CloudState, { workload, cloud, region }: Pick<SandboxNode, 'workload' | 'cloud' | 'region'>): number | undefined {
  return workload === undefined ? undefined : (state.utilisation[`${workload} ${cloud}/${region}`] ?? state.utilisation[workload])
}
