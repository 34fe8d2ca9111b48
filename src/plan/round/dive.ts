import type { IndexedProblem, Pool } from '../index-problem.ts'
import type { OpenRelaxation, Relaxation } from '../relax.ts'
import { real } from '../vector.ts'
import { createFleetState } from './fleet-state.ts'
import type { FleetState } from './fleet-state.ts'

/** Counts nearer than this to a whole number are whole. */
const wholeWithin = 1e-6

/** Steps in which a pool's count is the same and not whole. */
interface Plateau {
  readonly pool: Pool
  readonly from: number
  readonly to: number
  readonly count: number
}

function fractionalPlateaus(relaxation: Relaxation): Plateau[] {
  const plateaus: Plateau[] = []
  for (const [pool, course] of relaxation.nodes) {
    for (let from = pool.leadSteps; from < course.length; from++) {
      const count = real(course, from)
      let to = from
      while (to + 1 < course.length && Math.abs(real(course, to + 1) - count) < wholeWithin) to++
      if (Math.abs(count - Math.round(count)) > wholeWithin) plateaus.push({ pool, from, to, count })
      from = to
    }
  }
  return plateaus
}

const distance = ({ count }: Plateau): number => Math.abs(count - Math.round(count))

/** Puts nodes into the fleet of what is fixed, if every upper limit still holds. */
function mayFix(fixed: FleetState, pool: Pool, from: number, to: number, nodes: number): boolean {
  for (let step = from; step <= to; step++) {
    for (let node = 0; node < nodes; node++) {
      if (fixed.mayAdd(pool, step)) {
        fixed.change(pool, { from: step, to: step }, 1)
        continue
      }
      if (node > 0) fixed.change(pool, { from: step, to: step }, -node)
      if (step > from) fixed.change(pool, { from, to: step - 1 }, -nodes)
      return false
    }
  }
  return true
}

/**
 * Fixes counts that are nearly whole and solves again, so that the rest of the fleet adapts to what was rounded. Only counts are fixed that keep
 * every upper limit by themselves, so that a solution remains. Steps must be coupled by starts and lead times alone.
 * @param share  of the fractional counts to fix in each round, the nearest to whole first, in (0, 1]
 * @yields the relaxation after each round; ends when every count is whole
 */
export function* dive(indexed: IndexedProblem, opened: OpenRelaxation, relaxation: Relaxation, share: number): Generator<Relaxation> {
  const fixed = createFleetState(indexed, relaxation.deferred)
  for (let current = relaxation; ;) {
    const plateaus = fractionalPlateaus(current).sort((a, b) => distance(a) - distance(b) || a.pool.index - b.pool.index || a.from - b.from)
    if (plateaus.length === 0) return
    opened.fix(plateaus.slice(0, Math.ceil(plateaus.length * share))
      .map(({ pool, from, to, count }) => ({ pool, from, to, nodes: Math.round(count) }))
      .filter(({ pool, from, to, nodes }) => mayFix(fixed, pool, from, to, nodes)))
    current = opened.solveAgain()
    yield current
  }
}
