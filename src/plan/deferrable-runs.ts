import type { DeferrableSettings, WindowSettings } from '../config/schema.ts'
import { stepStart } from '../domain/grid.ts'
import type { Grid, TimeRange } from '../domain/grid.ts'
import type { DeferrableWork } from './problem.ts'

/** A run of work of the settings, within the plan. */
interface Run {
  readonly settings: DeferrableSettings
  readonly fromSeconds: number
  readonly earliest: number
  readonly deadline: number
}

/** What the settings' work is turned into runs with. */
export interface RunContext {
  readonly grid: Grid
  readonly openTimes: (window: WindowSettings, range: TimeRange) => readonly TimeRange[]
  /** @returns index of a workload; −1 where there is none */
  readonly workloadOf: (name: string) => number
  /** @returns regions (indices) that may do the work of a workload, those of the settings if they name some */
  readonly regionsOf: (workload: number, named: readonly string[] | undefined) => readonly number[]
}

/**
 * Runs whose whole window ends within the plan. One that may end later is left to the next plan. Of a run whose window has begun nobody knows
 * here how much is done: all of it is planned, as far as it still fits into the window.
 * @returns in the order of the settings, then of time; a run waits for the latest run of each work named in `after` that may begin no later
 */
export function deferrableRuns(work: readonly DeferrableSettings[], { grid, openTimes, workloadOf, regionsOf }: RunContext): DeferrableWork[] {
  const hours = grid.stepSeconds / 3600
  const end = stepStart(grid, grid.length)
  const runs = work.flatMap((settings) => {
    const { cron, timeZone, within, name } = settings
    const range = { fromSeconds: grid.startSeconds - within, toSeconds: end + within }
    return openTimes({ cron, timeZone, lasts: within, reason: name }, range).flatMap(({ fromSeconds, toSeconds }): Run[] => {
      const earliest = Math.max(0, Math.ceil((fromSeconds - grid.startSeconds) / grid.stepSeconds))
      const deadline = Math.floor((toSeconds - grid.startSeconds) / grid.stepSeconds) - 1
      return deadline >= grid.length || deadline < earliest ? [] : [{ settings, fromSeconds, earliest, deadline }]
    })
  })
  return runs.map(({ settings, fromSeconds, earliest, deadline }): DeferrableWork => {
    const workload = workloadOf(settings.workload)
    const inAll = settings.amount / hours
    const leastSteps = Math.ceil((settings.atLeast ?? 0) / grid.stepSeconds)
    const maxPerStep = leastSteps > 0 ? Math.min(settings.maxUnits, inAll / leastSteps) : settings.maxUnits
    const hasBegun = fromSeconds < grid.startSeconds
    const after = settings.after.flatMap((name) => {
      const earlier = runs.findLastIndex((run) => run.settings.name === name && run.fromSeconds <= fromSeconds)
      return earlier < 0 ? [] : [earlier]
    })
    return {
      name: settings.name,
      workload,
      amount: hasBegun ? Math.min(inAll, maxPerStep * (deadline - earliest + 1)) : inAll,
      earliest, deadline, maxPerStep,
      regions: regionsOf(workload, settings.regions),
      longestSteps: settings.atMost === undefined ? Infinity : Math.max(1, Math.floor(settings.atMost / grid.stepSeconds)),
      after,
    }
  })
}
