import { durationText } from '../duration-text.ts'
import type { Settings } from '../schema.ts'
import { fault, type Finding } from './finding.ts'

const day = 86400
/** A week of 5 minutes: beyond it, plans grow larger than a solver should be given. */
const mostPlanSteps = 2016
/** Two years of minutes. */
const mostHistorySteps = 1_051_200

const historyStep = ['historyLimits', 'step'] as const
const forecastStep = ['forecast', 'step'] as const
const horizonPlace = ['forecast', 'horizon'] as const

/** The grids of history and forecast must fit each other and the UTC day. */
export function grids(settings: Settings): readonly Finding[] {
  const { step, window, maxAge } = settings.historyLimits
  const { step: planStep, horizon } = settings.forecast
  const text = durationText
  const findings: Finding[] = []
  if (!Number.isInteger(step) || day % step !== 0)
    findings.push(fault(historyStep, `is ${text(step)}, expected whole seconds that divide a day`))
  if (planStep % 60 !== 0 || day % planStep !== 0)
    findings.push(fault(forecastStep, `is ${text(planStep)}, expected whole minutes that divide a day`))
  if (findings.length > 0) return findings
  if (planStep % step !== 0) {
    findings.push(
      fault(forecastStep, `is ${text(planStep)}, not a multiple of the history’s step ${text(step)} (historyLimits.step)`, [historyStep]),
    )
  }
  if (horizon % planStep !== 0)
    findings.push(fault(horizonPlace, `is ${text(horizon)}, not a multiple of forecast.step ${text(planStep)}`, [forecastStep]))
  const finer = settings.forecast.finer.step
  if (finer !== undefined && (planStep % finer !== 0 || finer % step !== 0)) {
    findings.push(
      fault(['forecast', 'finer', 'step'], `is ${text(finer)}, expected a divisor of forecast.step ${text(planStep)} and a multiple of the history’s step ${text(step)}`, [
        forecastStep,
        historyStep,
      ]),
    )
  }
  if (horizon / planStep > mostPlanSteps) {
    findings.push(
      fault(horizonPlace, `is ${Math.ceil(horizon / planStep)} steps of ${text(planStep)}, at most ${mostPlanSteps} can be planned`, [
        forecastStep,
      ]),
    )
  }
  if (window % step !== 0)
    findings.push(
      fault(['historyLimits', 'window'], `is ${text(window)}, not a multiple of historyLimits.step ${text(step)}`, [historyStep]),
    )
  if (window < 2 * planStep) {
    findings.push(
      fault(['historyLimits', 'window'], `is ${text(window)}, expected at least two forecast steps of ${text(planStep)}`, [forecastStep]),
    )
  }
  if (window / step > mostHistorySteps) {
    findings.push(
      fault(['historyLimits', 'window'], `is ${Math.ceil(window / step)} steps of ${text(step)}, at most ${mostHistorySteps} can be read`, [
        historyStep,
      ]),
    )
  }
  if (maxAge < step) {
    findings.push(
      fault(['historyLimits', 'maxAge'], `is ${text(maxAge)}, below historyLimits.step ${text(step)}: every history would count as stale`, [
        historyStep,
      ]),
    )
  }
  return findings
}

/** What is ordered now serves after the lead time: that moment must lie within the plan. */
export function leadTimes(settings: Settings): readonly Finding[] {
  const { horizon } = settings.forecast
  return settings.workloads.flatMap((workload, at) =>
    workload.leadTime >= horizon
      ? [
          fault(
            ['workloads', at, 'leadTime'],
            `is ${durationText(workload.leadTime)}, not within the horizon ${durationText(horizon)} (forecast.horizon)`,
            [horizonPlace],
          ),
        ]
      : [],
  )
}
