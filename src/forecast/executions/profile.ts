import type { Executions } from '../../domain/history.ts'

/** What one execution is like: pairs of duration and what it takes, as they came, each as likely. */
export interface ExecutionProfile {
  readonly durationSeconds: Float64Array
  readonly takes: Float64Array
}

/** Pairs that a profile holds at most, spread evenly over those that ended. */
const mostPairs = 400
/** Executions below which there is no profile. */
const leastExecutions = 20

/**
 * The profile of executions that had ended by an instant, newest `window` seconds of them.
 * @returns undefined when too few had ended
 */
export function executionProfile({ startSeconds, durationSeconds, takes }: Executions, untilSeconds: number, windowSeconds: number): ExecutionProfile | undefined {
  const ended = [...startSeconds.keys()].filter((i) => {
    const start = startSeconds[i] ?? 0
    return start + (durationSeconds[i] ?? Number.NaN) <= untilSeconds && start >= untilSeconds - windowSeconds
  })
  if (ended.length < leastExecutions) return undefined
  // sorted by duration, so that an even choice keeps the tail
  const sorted = ended.toSorted((a, b) => (durationSeconds[a] ?? 0) - (durationSeconds[b] ?? 0))
  const count = Math.min(mostPairs, sorted.length)
  const chosen = Array.from({ length: count }, (_, k) => sorted[Math.floor(((k + 0.5) * sorted.length) / count)] ?? 0)
  return { durationSeconds: Float64Array.from(chosen, (i) => durationSeconds[i] ?? 0), takes: Float64Array.from(chosen, (i) => takes[i] ?? 0) }
}

/** How one execution that arrives within step 0 loads each step from there on. */
export interface LoadResponse {
  /** Expected load, mean within the step. Shape [steps]. */
  readonly mean: Float64Array
  /** Variance of that load between executions. Shape [steps]. */
  readonly variance: Float64Array
}

/** Moments within a step at which an execution may arrive. */
const arrivalMoments = 8

/**
 * The load of one execution, which arrives at any moment of step 0, on steps 0, 1, 2 …: Σ over the steps of `mean` is E[takes · duration] in
 * steps, so that with a steady rate of arrivals their sum is the rate times that, as Little's law has it.
 * @param mostSteps  later ones are left out
 * @see Eick, Massey & Whitt, The Physics of the M_t/G/∞ Queue (1993)
 */
export function loadResponse({ durationSeconds, takes }: ExecutionProfile, stepSeconds: number, mostSteps: number): LoadResponse {
  const longest = durationSeconds.reduce((most, duration) => Math.max(most, duration), 0) / stepSeconds
  const steps = Math.min(mostSteps, Math.floor(longest) + 2)
  const mean = new Float64Array(steps)
  const square = new Float64Array(steps)
  const count = durationSeconds.length * arrivalMoments
  for (let i = 0; i < durationSeconds.length; i += 1) {
    const duration = (durationSeconds[i] ?? 0) / stepSeconds
    const amount = takes[i] ?? 0
    for (let moment = 0; moment < arrivalMoments; moment += 1) {
      const from = (moment + 0.5) / arrivalMoments
      const to = from + duration
      for (let step = 0; step < Math.min(steps, Math.floor(to) + 1); step += 1) {
        const load = amount * Math.max(0, Math.min(to, step + 1) - Math.max(from, step))
        mean[step] = (mean[step] ?? 0) + load / count
        square[step] = (square[step] ?? 0) + (load * load) / count
      }
    }
  }
  return { mean, variance: square.map((value, step) => Math.max(0, value - (mean[step] ?? 0) ** 2)) }
}

/** @returns a quantile of values, in any order */
export function quantileOf(values: Float64Array, quantile: number): number {
  const sorted = values.toSorted()
  return sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? Number.NaN
}
