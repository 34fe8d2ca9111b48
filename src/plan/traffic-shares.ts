import type { TrafficShare } from '../domain/plan.ts'
import type { IndexedProblem } from './index-problem.ts'
import type { RoutesOverTime } from './route-over-time.ts'
import { item, real } from './vector.ts'

/** Decimals of shares in a plan: more would only differ between machines. */
const shareDecimals = 4

/**
 * How each user zone's demand is shared out over regions. What fits nowhere still arrives somewhere: at the nearest region, which then runs hotter
 * than planned.
 * @param routes  per workload
 */
export function trafficShares(indexed: IndexedProblem, routes: readonly RoutesOverTime[]): readonly TrafficShare[] {
  const { problem, steps, regionCount, userZoneCount } = indexed
  const shares: TrafficShare[] = []
  for (const [w, workload] of problem.workloads.entries()) {
    const byRoute = Array.from({ length: userZoneCount * regionCount }, () => new Float64Array(steps))
    for (const [step, { flow, left }] of item(routes, w).steps.entries()) {
      const demand = item(indexed.demand, w * steps + step)
      for (let zone = 0; zone < userZoneCount; zone++) {
        const total = real(demand, zone)
        const nearest = item(item(indexed.reachNormal, w), zone)[0]
        if (nearest === undefined) continue
        for (let region = 0; region < regionCount; region++) {
          const sent = real(flow, zone * regionCount + region) + (region === nearest ? real(left, zone) : 0)
          item(byRoute, zone * regionCount + region)[step] = total > 0 ? sent / total : region === nearest ? 1 : 0
        }
      }
    }
    for (const [position, course] of byRoute.entries()) {
      const [zone, region] = [problem.userZones[Math.floor(position / regionCount)], problem.regions[position % regionCount]]
      const asked = problem.demand[w]?.[Math.floor(position / regionCount)]?.some((amount) => amount > 0) === true
      if (zone === undefined || region?.key === undefined || !asked || course.every((share) => share === 0)) continue
      shares.push({ ...region.key, workload: workload.name, userZone: zone.name, shares: Array.from(course, (share) => Math.round(share * 10 ** shareDecimals) / 10 ** shareDecimals) })
    }
  }
  return shares
}
