import type { StackVerdict } from '../domain/observation.ts'
import { contentHash } from '../domain/hash.ts'
import { rfc3339 } from '../domain/grid.ts'
import { type ApplyOptions, applyStep, type StackApplied } from './steps/apply-step.ts'
import { type ForecastOutcome, forecastStep } from './steps/forecast-step.ts'
import { type HistoryOutcome, historyStep } from './steps/history-step.ts'
import { type Observation, observeStep } from './steps/observe-step.ts'
import { type PlanOutcome, planStep } from './steps/plan-step.ts'
import { type StackPreview, previewStep } from './steps/preview-step.ts'
import { seeThrough } from './steps/see-through.ts'
import { openPlanThread, type PlanThread } from '../plan/plan-in-worker.ts'
import { type Project, projectNow } from './project.ts'

/** Steps of a cycle as they end, in order. */
export type CycleEvent =
  | { readonly step: 'history'; readonly outcome: HistoryOutcome }
  | { readonly step: 'forecast'; readonly outcome: ForecastOutcome }
  | { readonly step: 'plan'; readonly outcome: PlanOutcome }
  | { readonly step: 'preview'; readonly outcome: readonly StackPreview[] }
  | { readonly step: 'apply'; readonly outcome: readonly StackApplied[] }
  | { readonly step: 'observe'; readonly outcome: Observation }

export interface CycleOptions {
  readonly apply: Omit<ApplyOptions, 'only'>
  /** `shown`: the engine is asked what it would change before it changes it; `left-out`: only the engine's own look before each change. */
  readonly preview: 'shown' | 'left-out'
}

/** One cycle as a whole. */
export interface CycleOutcome {
  readonly plan: PlanOutcome
  readonly applied: readonly StackApplied[]
}

/** Log of the cycles of all machines. */
export const cycleLog = 'cycles'

/** A line of the log of cycles. */
export interface CycleRecord {
  readonly at: string
  readonly purpose: string
  readonly planId: string
  readonly nodes: number
  readonly usdPerHour: number
  readonly verdicts: Readonly<Record<string, StackVerdict>>
}

/**
 * One pass from history to observation.
 * @param onStep  told of each step as it ends
 * @param thread  that plans, where there are more cycles to come
 * @throws Problem, as its steps do; what was done before stays done
 */
export async function runCycle(project: Project, options: CycleOptions, onStep: (event: CycleEvent) => void, thread?: PlanThread): Promise<CycleOutcome> {
  const history = await historyStep(project)
  onStep({ step: 'history', outcome: history })
  const forecast = await forecastStep(project, history.upToOrigin)
  onStep({ step: 'forecast', outcome: forecast })
  const plan = await planStep(project, history, forecast.forecasts, thread)
  onStep({ step: 'plan', outcome: plan })
  if (options.preview === 'shown') onStep({ step: 'preview', outcome: await previewStep(project, undefined) })
  const applyAll = { ...options.apply, only: undefined }
  const requested = await applyStep(project, applyAll)
  onStep({ step: 'apply', outcome: requested })
  const observed = await seeThrough(project, applyAll, await observeStep(project, requested))
  onStep({ step: 'observe', outcome: observed })
  await log(project, options.apply.purpose, plan, observed.applied)
  return { plan, applied: observed.applied }
}

/** Cycles of one process, one after another. */
export interface Cycles {
  readonly run: typeof runCycle
  close(): Promise<void>
}

/** @returns cycles whose plans are made by one thread that stays warm between them */
export function openCycles(): Cycles {
  const thread = openPlanThread()
  return { run: (project, options, onStep) => runCycle(project, options, onStep, thread), close: thread.close }
}

/** A cycle that changed nothing is not logged twice in a row: a log of nothing would hide what happened. */
async function log(project: Project, purpose: string, { plan, states }: PlanOutcome, applied: readonly StackApplied[]): Promise<void> {
  const pools = states.flatMap((state) => state.pools)
  const record: CycleRecord = {
    at: rfc3339(Math.floor(projectNow(project))),
    purpose,
    planId: plan.id,
    nodes: pools.reduce((sum, pool) => sum + pool.desired, 0),
    usdPerHour: Number(pools.reduce((sum, pool) => sum + pool.desired * pool.usdPerNodeHour, 0).toFixed(4)),
    verdicts: Object.fromEntries(applied.map(({ stack, verdict }) => [stack, verdict])),
  }
  const coordination = await project.coordination()
  const [last] = await coordination.entries<CycleRecord>(cycleLog, 1)
  if (last !== undefined && contentHash({ ...last, at: '' }) === contentHash({ ...record, at: '' })) return
  await coordination.append(cycleLog, record)
}
