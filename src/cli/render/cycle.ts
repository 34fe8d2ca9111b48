import type { CycleEvent, CycleOutcome } from '../../app/cycle.ts'
import { rfc3339 } from '../../domain/grid.ts'
import type { StackApplied } from '../../app/steps/apply-step.ts'
import { styled, title } from '../output.ts'
import { forecastNotes, forecastTable } from './forecast.ts'
import { counted, usd } from './figures.ts'
import { historyTable } from './history.ts'
import { planNotes, planTable, plannedNodes } from './plan.ts'
import { appliedTable, previewLines } from './stacks.ts'

/** @returns one step of a cycle, told in full */
export function stepLines(event: CycleEvent): string[] {
  switch (event.step) {
    case 'history':
      return [title('history'), ...historyTable(event.outcome.measured, event.outcome.asOfSeconds), '']
    case 'forecast':
      return [title('forecast'), ...forecastTable(event.outcome.subjects.filter(({ subject }) => subject.resource === 'requests')), ...forecastNotes(event.outcome), '']
    case 'plan':
      return [title('plan'), ...planTable(event.outcome.plan, plannedNodes(event.outcome.states)), '', ...planNotes(event.outcome), '']
    case 'preview':
      return [title('preview'), ...previewLines(event.outcome), '']
    case 'apply':
      return []
    case 'observe':
      return [title('stacks'), ...appliedTable(event.outcome.applied), '']
    default:
      return event satisfies never
  }
}

/** @returns the one line that a cycle comes down to */
export function cycleLine(atSeconds: number, { plan, applied }: CycleOutcome): string {
  const nodes = plan.states.flatMap((state) => state.pools).reduce((sum, pool) => sum + pool.desired, 0)
  return [rfc3339(atSeconds).slice(0, 16).replace('T', ' '), counted(nodes, 'node'), `${usd(hourlyUsd(plan))} $/h`, verdictCounts(applied)].join('  ')
}

function hourlyUsd({ states }: CycleOutcome['plan']): number {
  return states.flatMap((state) => state.pools).reduce((sum, pool) => sum + pool.desired * pool.usdPerNodeHour, 0)
}

/** @returns `4 unchanged, 2 reached` */
export function verdictCounts(applied: readonly StackApplied[]): string {
  const counts = new Map<string, number>()
  for (const { verdict } of applied) counts.set(verdict.kind, (counts.get(verdict.kind) ?? 0) + 1)
  return [...counts].map(([kind, count]) => (kind === 'failed' || kind === 'short' ? styled('red', `${count} ${kind}`) : `${count} ${kind}`)).join(', ')
}
