import type { StackVerdict } from '../domain/observation.ts'
import { type ExitCode, exitCodes } from '../domain/problem.ts'

/**
 * @returns how a command that applied stacks ends: 0 when all is as wanted or on its way, 3 when some fell short, 1 when all failed,
 * 4 when nothing was done because all that was to do was held
 */
export function exitCodeOf(verdicts: readonly StackVerdict[]): ExitCode {
  const bad = verdicts.filter(({ kind }) => kind === 'failed' || kind === 'short')
  const held = verdicts.filter(({ kind }) => kind === 'held')
  if (bad.length + held.length === 0) return exitCodes.done
  if (bad.length === verdicts.length && bad.every(({ kind }) => kind === 'failed')) return exitCodes.error
  if (bad.length === 0 && verdicts.every(({ kind }) => kind === 'held' || kind === 'unchanged')) return exitCodes.refused
  return exitCodes.partlyDone
}
