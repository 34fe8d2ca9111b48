import type { PlanProblem } from './problem.ts'

/**
 * One step of a problem by itself: what could serve in it at best, whatever the steps around it hold. Nodes that may not rise yet, and counts that are
 * frozen from now to the step, stay bound to what is live.
 */
export function sliceStep(problem: PlanProblem, step: number): PlanProblem {
  const isLate = (w: number, r: number, s: number): boolean => (problem.leadSteps[w]?.[r]?.[s] ?? 0) > step
  const isHeld = (w: number): boolean => Array.from({ length: step + 1 }, (_, at) => problem.workloads[w]?.frozen[at] === true).every(Boolean)
  return {
    ...problem,
    startSeconds: problem.startSeconds + step * problem.stepSeconds,
    steps: 1,
    workloads: problem.workloads.map((workload, w) => ({
      ...workload,
      frozen: [isHeld(w)],
      closed: workload.closed.map((closed) => (closed.length === 0 ? [] : [closed[step] === true])),
      maxLowering: Infinity, minRunSteps: 1, usdPerUnitMoved: 0,
    })),
    demand: problem.demand.map((zones) => zones.map((steps) => [steps[step] ?? 0])),
    fleet: problem.fleet.map((regions, w) => regions.map((types, r) => types.map((options) => options.map((nodes, s) => (isLate(w, r, s) || isHeld(w) ? nodes : 0))))),
    leadSteps: problem.leadSteps.map((regions, w) => regions.map((options, r) => options.map((_lead, s) => (isLate(w, r, s) ? 1 : 0)))),
    maxUsdPerDay: undefined,
    sharesNow: undefined,
    deferrable: [],
  }
}
