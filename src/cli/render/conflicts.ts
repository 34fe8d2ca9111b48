import type { Conflict, ConflictingLimit } from '../../domain/plan.ts'
import { styled } from '../output.ts'
import { figure } from './figures.ts'

/** Limits that a conflict prints; one of many small pools can have dozens. */
const printedLimits = 8

/** @returns why demand is short at `when`: the limits that conflict, one a line, and what raising each by itself would buy */
export function conflictLines(conflict: Conflict, when: string): string[] {
  const { workload, amount, isOnlyAfterFailure, limits } = conflict
  const more = limits.length - printedLimits
  return [
    `${styled('red', 'conflict')} ${workload} at ${when}: no nodes whatever carry the last ${figure(amount)}${isOnlyAfterFailure ? ' after a failure' : ''}, ${limits.length === 1 ? 'for one limit' : `for ${limits.length} limits together`}:`,
    ...limits.slice(0, printedLimits).map((limit) => `           ${limitLine(limit)}`),
    ...(more > 0 ? [`           and ${more} more`] : []),
  ]
}

function limitLine({ limit, unit, value, buys, isEnough, enough }: ConflictingLimit): string {
  const now = value === undefined ? limit : `${limit} ${figure(value)} ${unit}`
  if (enough !== undefined) return `${now}: ${figure(enough)} would do`
  if (isEnough) return `${now}: nothing is short without it`
  return buys > 0 ? `${now}: ${figure(buys)} less short without it` : `${now}: raising it alone buys nothing`
}
