import type { DesiredPool } from '../domain/desired-state.ts'
import { poolTags } from '../domain/pool-tags.ts'

/** Tags of every resource of a pool: the user's, and those that tie the resource to its pool. */
export function tagsOf(pool: DesiredPool): Readonly<Record<string, string>> {
  return {
    ...pool.launch.tags,
    [poolTags.workload]: pool.workload,
    [poolTags.type]: pool.type,
    [poolTags.option]: pool.option,
  }
}
