import { type ExitCode, exitCodes } from '../domain/problem.ts'
import type { StackApplied } from './steps/apply-step.ts'

/**
 * How a command that applied stacks ends: 0 when all is as wanted or on its way, 3 when some stacks were left behind; when nothing at all
 * was reached: 5 where other engine runs hold the stacks, 4 where the stacks were held, else 1.
 */
export function exitCodeOf(applied: readonly Pick<StackApplied, 'verdict' | 'run'>[]): ExitCode {
  const behind = applied.filter(({ verdict }) => verdict.kind === 'failed' || verdict.kind === 'short' || verdict.kind === 'held' || verdict.kind === 'stalled')
  if (behind.length === 0) return exitCodes.done
  const idle = applied.filter(({ verdict }) => verdict.kind === 'unchanged')
  if (behind.length + idle.length < applied.length || behind.some(({ verdict }) => verdict.kind === 'short')) return exitCodes.partlyDone
  if (behind.every(({ run }) => run?.outcome === 'lock-held')) return exitCodes.lockHeld
  if (behind.every(({ verdict }) => verdict.kind === 'held')) return exitCodes.refused
  return behind.length === applied.length ? exitCodes.error : exitCodes.partlyDone
}
