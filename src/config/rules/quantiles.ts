import type { Settings } from '../schema.ts'
import { fault, type Finding } from './finding.ts'

/** The median and p95 are shown and scored with every forecast. */
const alwaysNeeded = { least: 0.5, most: 0.95 }

/** Quantiles are ascending, and the planned one lies within them: nothing is known beyond. */
export function quantiles(settings: Settings): readonly Finding[] {
  const place = ['forecast', 'quantiles'] as const
  const list = settings.forecast.quantiles
  const findings = list.flatMap((value, index): Finding[] => {
    const before = list[index - 1]
    return before !== undefined && value < before
      ? [fault([...place, index], `is ${value} after ${before}, expected ascending quantiles`)]
      : []
  })
  const lowest = Math.min(...list)
  const highest = Math.max(...list)
  if (lowest > alwaysNeeded.least || highest < alwaysNeeded.most) {
    findings.push(
      fault(place, `reach from ${lowest} to ${highest}, expected from ${alwaysNeeded.least} or below to ${alwaysNeeded.most} or above`),
    )
  }
  const planned = settings.plan.quantile
  if (planned < lowest || planned > highest) {
    findings.push(
      fault(['plan', 'quantile'], `is ${planned}, outside forecast.quantiles, which reach from ${lowest} to ${highest}`, [place]),
    )
  }
  return findings
}
