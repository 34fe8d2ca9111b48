import type { StackApplied } from '../../app/steps/apply-step.ts'
import type { StackPreview } from '../../app/steps/preview-step.ts'
import type { ResourceChanges, StackVerdict } from '../../domain/observation.ts'
import type { NeedReason } from '../../reconcile/changed-stacks.ts'
import type { EngineStep, StackRun } from '../../reconcile/engine.ts'
import { styled } from '../output.ts'
import { table } from '../table.ts'
import { counted } from './figures.ts'

/** @returns one block per stack that the engine would change, one line for all others */
export function previewLines(previews: readonly StackPreview[]): string[] {
  const changing = previews.filter((preview) => preview.run !== undefined)
  const rest = previews.length - changing.length
  return [
    ...changing.flatMap(({ run, need }) => {
      if (run === undefined) return []
      const why = need.kind === 'engine' ? need.reasons.map(reasonText).join('; ') : ''
      return [
        `${styled('bold', run.stack)}  ${run.outcome === 'succeeded' ? changesText(run.changes) : styled('red', run.outcome)}  ${styled('dim', why)}`,
        ...run.failures.map((failure) => `  ${styled('red', '✗')} ${failure.message}`),
        ...ownSteps(run).map(stepLine),
      ]
    }),
    ...(rest > 0 ? [`${counted(rest, 'stack')} as applied: nothing to change, the engine was not asked`] : []),
  ]
}

/** Components and the stack itself are left out: they hold no settings. */
function ownSteps(run: StackRun): readonly EngineStep[] {
  return run.steps.filter((step) => !step.type.startsWith('prescale:') && !step.type.startsWith('pulumi:'))
}

function stepLine(step: EngineStep): string {
  const sign = step.operation.startsWith('create') ? styled('green', '+') : step.operation.startsWith('delete') ? styled('red', '-') : styled('yellow', '~')
  const kind = step.type.slice(step.type.lastIndexOf(':') + 1)
  const diffs = step.operation === 'update' ? step.diffs.map((diff) => `${diff.path} ${valueText(diff.before)} -> ${valueText(diff.after)}`).join(', ') : step.operation
  return `  ${sign} ${step.name} ${styled('dim', kind)}  ${diffs}`
}

function valueText(value: unknown): string {
  if (value === undefined) return '?'
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}

function reasonText(reason: NeedReason): string {
  switch (reason.kind) {
    case 'never-applied':
      return 'not applied yet'
    case 'desired-state':
      return 'the plan changed'
    case 'program':
      return 'the program changed'
    case 'drift':
      return `${reason.drift.group} drifted: ${reason.drift.property} is ${reason.drift.live}, wanted ${reason.drift.wanted}`
    default:
      return reason satisfies never
  }
}

/** @returns `+12 ~3 -1`, or `no change` */
export function changesText(changes: ResourceChanges): string {
  const parts = [
    changes.created > 0 ? styled('green', `+${changes.created}`) : '',
    changes.updated > 0 ? styled('yellow', `~${changes.updated}`) : '',
    changes.replaced > 0 ? styled('red', `±${changes.replaced}`) : '',
    changes.deleted > 0 ? styled('red', `-${changes.deleted}`) : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? 'no change' : parts.join(' ')
}

/** @returns one row per stack: verdict, nodes wanted, resources changed, what went wrong */
export function appliedTable(applied: readonly StackApplied[]): string[] {
  return table(
    [
      { title: 'stack', align: 'left' },
      { title: 'outcome', align: 'left' },
      { title: 'nodes', align: 'right' },
      { title: 'resources', align: 'left' },
      { title: 'took', align: 'right' },
      { title: '', align: 'left' },
    ],
    applied.map(({ stack, verdict, desired, run }) => [
      stack,
      verdictText(verdict),
      String(desired.pools.reduce((sum, pool) => sum + pool.desired, 0)),
      run === undefined ? 'engine not started' : changesText(run.changes),
      run === undefined ? '' : `${run.durationSeconds.toFixed(1)} s`,
      'reason' in verdict ? verdict.reason : '',
    ]),
  )
}

/** @returns the verdict in one or two words, with its colour */
export function verdictText(verdict: StackVerdict): string {
  switch (verdict.kind) {
    case 'unchanged':
      return 'unchanged'
    case 'reached':
      return styled('green', 'reached')
    case 'requested':
      return styled('cyan', `requested, ${verdict.waitingFor} on the way`)
    case 'short':
      return styled('red', `short by ${verdict.by}`)
    case 'failed':
      return styled('red', 'failed')
    case 'held':
      return styled('yellow', 'held')
    default:
      return verdict satisfies never
  }
}
