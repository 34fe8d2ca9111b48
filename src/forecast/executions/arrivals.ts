import type { Executions } from '../../domain/history.ts'
import type { StepSeries } from '../step-series.ts'

/** Below this share of arrivals being told already, a step counts as not measured. */
const leastTold = 0.5

/**
 * Arrivals per step. Where executions are told only once they have ended, the newest steps are raised by the share of them that usually has
 * ended after so long; those of which less than half is told are gaps.
 * @param originSeconds  end of the newest step; nothing that was told later is used
 */
export function arrivalSteps(executions: Executions, { name, startSeconds, stepSeconds, values }: StepSeries, originSeconds: number): StepSeries {
  const counts = new Float64Array(values.length)
  const ended: number[] = []
  let running = false
  executions.startSeconds.forEach((start, i) => {
    if (start >= originSeconds) return
    const duration = executions.durationSeconds[i] ?? Number.NaN
    const step = Math.floor((start - startSeconds) / stepSeconds)
    if (step >= 0 && step < counts.length) counts[step] = (counts[step] ?? 0) + 1
    // one that ends later was still running
    if (start + duration <= originSeconds) ended.push(duration)
    else running = true
  })
  if (!running && ended.length > 0) {
    const sorted = Float64Array.from(ended).sort()
    const longest = sorted.at(-1) ?? 0
    for (let step = counts.length - 1; step >= 0; step -= 1) {
      const age = originSeconds - (startSeconds + (step + 0.5) * stepSeconds)
      if (age >= longest) break
      const later = sorted.findIndex((duration) => duration > age)
      const told = (later < 0 ? sorted.length : later) / sorted.length
      counts[step] = told < leastTold ? Number.NaN : (counts[step] ?? 0) / told
    }
  }
  return { name: `${name} arrivals`, startSeconds, stepSeconds, values: counts }
}
