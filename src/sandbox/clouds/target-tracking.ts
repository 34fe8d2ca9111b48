import { want } from '../groups.ts'
import type { CloudState, SandboxGroup } from '../state.ts'
import { utilisationOf } from '../utilisation.ts'

/** A CPU target that a cloud's autoscaler follows. */
export interface CpuTarget {
  /** 0 to 1 */
  readonly utilisation: number
  /** Share of the target below which nodes may be given back. */
  readonly lowerBelow: number
  /** Successive steps this low before it happens. */
  readonly lowerAfterSteps: number
  readonly mayLower: boolean
}

/** A cluster's autoscaler, which gives a node back that is used less than half for ten minutes, over pods that ask for what they use at 60 %. */
export const clusterAutoscaler: CpuTarget = { utilisation: 0.6, lowerBelow: 0.5 / 0.6, lowerAfterSteps: 2, mayLower: true }

/** Moves a group's count so that its nodes would have had the target's utilisation in the newest step: at once up, late down. */
export function trackTarget(state: CloudState, group: SandboxGroup, target: CpuTarget): void {
  const measured = utilisationOf(state, group)
  const ready = state.nodes.filter((node) => node.group === group.key && node.state === 'ready').length
  if (measured === undefined || ready === 0) return
  // A node cannot report more than all of its vCPUs as busy.
  const utilisation = Math.min(1, measured)
  const needed = Math.ceil((ready * utilisation) / target.utilisation - 1e-9)
  if (needed > group.desired) {
    group.lowSteps = 0
    want(group, needed)
  } else if (needed < group.desired && utilisation < target.utilisation * target.lowerBelow) {
    group.lowSteps += 1
    if (group.lowSteps >= target.lowerAfterSteps && target.mayLower) want(group, needed)
  } else {
    group.lowSteps = 0
  }
}
