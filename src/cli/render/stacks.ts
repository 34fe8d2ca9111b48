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
  const waits = [...new Set(previews.flatMap((preview) => preview.waits))]
  const rest = previews.length - changing.length
  return [
    ...changing.flatMap(({ run, need }) => {
      if (run === undefined) return []
      const why = need.kind === 'engine' ? need.reasons.map(reasonText).join('; ') : ''
      return [
        `${styled('bold', run.stack)}  ${run.outcome === 'succeeded' ? changesText(run.changes) : styled('red', run.outcome)}  ${styled('dim', why)}`,
        ...run.failures.map((failure) => `  ${styled('red', '✗')} ${failure.message}`),
        ...stepLines(ownSteps(run)),
      ]
    }),
    ...(rest > 0 ? [`${counted(rest, 'stack')} as applied: nothing to change, the engine was not asked`] : []),
    ...waits.map((sentence) => `${styled('yellow', 'not at once:')} ${sentence}`),
  ]
}

/** Components and the stack itself are left out: they hold no settings. */
function ownSteps(run: StackRun): readonly EngineStep[] {
  return run.steps.filter((step) => !step.type.startsWith('prescale:') && !step.type.startsWith('pulumi:'))
}

/** Operations without a diff to show, one line per operation and kind; then each update with its diff. */
function stepLines(steps: readonly EngineStep[]): string[] {
  const whole = steps.filter((step) => step.operation !== 'update' && step.operation !== 'refresh')
  const kinds = [...new Set(whole.map((step) => `${step.operation} ${kindOf(step)}`))]
  const updates = steps.filter((step) => step.operation === 'update')
  return [
    ...kinds.map((kind) => {
      const names = whole.filter((step) => `${step.operation} ${kindOf(step)}` === kind).map((step) => step.name)
      const sign = kind.startsWith('create') ? styled('green', '+') : kind.startsWith('delete') ? styled('red', '-') : styled('yellow', '~')
      return `  ${sign} ${kind}${names.length === 1 ? '' : ` ×${names.length}`}  ${shortened(names)}`
    }),
    ...updates.slice(0, mostUpdates).map((step) => `  ${styled('yellow', '~')} ${step.name} ${styled('dim', kindOf(step))}  ${diffText(step)}`),
    ...(updates.length > mostUpdates ? [`  … and ${updates.length - mostUpdates} more updates; --json has them all`] : []),
  ]
}

/** Single settings with their values; of lists only how much of them changes. */
function diffText(step: EngineStep): string {
  const single = step.diffs.filter(({ path }) => !path.includes('['))
  const lists = [...new Set(step.diffs.filter(({ path }) => path.includes('[')).map(({ path }) => path.slice(0, path.indexOf('['))))]
  return [
    ...single.map((diff) => `${diff.path} ${valueText(diff.before)} -> ${valueText(diff.after)}`),
    ...lists.map((list) => `${list}: ${counted(new Set(step.diffs.flatMap(({ path }) => (path.startsWith(`${list}[`) ? [/\[(\d+)\]/.exec(path)?.[1]] : []))).size, 'entry', 'entries')} changed`),
  ].join(', ')
}

/** More would push the totals off the screen. */
const mostUpdates = 12

function kindOf(step: EngineStep): string {
  return step.type.slice(step.type.lastIndexOf(':') + 1)
}

/** Up to three names; the rest as a count. */
function shortened(names: readonly string[]): string {
  return [...names.slice(0, 3), ...(names.length > 3 ? ['…'] : [])].join(', ')
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
    case 'traffic':
      return `${reason.workload} from ${reason.userZone}: what sends users to regions was changed by others`
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
    applied.map(({ stack, verdict, desired, run, waits, drifts }) => [
      stack,
      verdictText(verdict),
      String(desired.pools.reduce((sum, pool) => sum + pool.desired, 0)),
      run === undefined ? 'engine not started' : changesText(run.changes),
      run === undefined ? '' : `${run.durationSeconds.toFixed(1)} s`,
      'reason' in verdict ? verdict.reason : [...waits, ...drifts].join('; '),
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
    case 'stalled':
      return styled('red', 'stalled')
    default:
      return verdict satisfies never
  }
}
