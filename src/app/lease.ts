import { hostname } from 'node:os'
import { join } from 'node:path'
import { rfc3339 } from '../domain/grid.ts'
import { Problem } from '../domain/problem.ts'
import { takeLease } from '../reconcile/lease.ts'
import { localProcesses } from '../reconcile/stack-lock.ts'
import type { Project } from './project.ts'

/**
 * Runs `work` while this process alone holds the stacks.
 * @param purpose  for people who find a stack held: `prescale apply`
 * @throws Problem `lease-held` when another process holds one of them; none is held then
 */
export async function withLeases<Result>(project: Project, stacks: readonly string[], purpose: string, work: () => Promise<Result>): Promise<Result> {
  const releases: (() => void)[] = []
  try {
    for (const stack of stacks) releases.push(lease(project, stack, purpose))
    return await work()
  } finally {
    for (const release of releases) release()
  }
}

function lease(project: Project, stack: string, purpose: string): () => void {
  const holder = { pid: process.pid, host: hostname(), purpose, sinceSeconds: project.world.now() }
  const answer = takeLease(join(project.root, '.prescale', 'leases'), stack, holder, localProcesses)
  if (answer.kind === 'taken') return answer.release
  const { pid, host, purpose: holds, sinceSeconds } = answer.holder
  throw new Problem('lease-held', { stack, purpose: holds, pid, host, since: rfc3339(Math.floor(sinceSeconds)) })
}
