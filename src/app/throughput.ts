import type { PoolKey } from '../domain/pool.ts'
import { throughputPerNode } from '../plan/build-problem.ts'
import type { Project } from './project.ts'

/** @returns what one node of a pool serves at full use, in its workload's unit; 0 for a pool that the settings no longer know */
export function throughputOf(project: Project): (pool: PoolKey) => number {
  const { settings, catalogue } = project
  return (pool) => {
    const workload = settings.workloads.find((one) => one.name === pool.workload)
    const type = catalogue.types.find((one) => one.cloud === pool.cloud && one.type === pool.type)
    return workload === undefined || type === undefined ? 0 : (throughputPerNode(workload, type) ?? 0)
  }
}
