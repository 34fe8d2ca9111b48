import type { DeferrableWork } from './problem.ts'
import { item, real } from './vector.ts'

/** Steps `from` to `to`, both included; none when `to` is before `from`. */
export interface Window {
  readonly from: number
  readonly to: number
}

/** What a step more of room is worth beside a unit of work that need not move: enough to break ties. */
const roomWorth = 1e-6

/** @returns whether work needs a window narrower than its own: it may not last as long, or waits, or is waited for */
export function needsWindow(deferrable: readonly DeferrableWork[]): boolean {
  return deferrable.some(({ after, longestSteps, earliest, deadline }) => after.length > 0 || longestSteps < deadline - earliest + 1)
}

/**
 * Gives each work a window within its own, no longer than it may last, that begins after the windows of all it waits for have ended. Of all such windows
 * those are chosen that hold most of what the relaxation placed, by dynamic programming over the end of each window; exact where no work is waited for
 * by two.
 * @param placed  what the relaxation places per work and step; shape [work][steps]
 * @returns one window per work; an empty one where its chain does not fit: the work is then undone and told as such
 */
export function chooseWindows(deferrable: readonly DeferrableWork[], placed: readonly Float64Array[], steps: number): readonly Window[] {
  const best = new Map<number, readonly (Choice | undefined)[]>()
  /** Best windows of a work and of all it waits for, by the last step that it may end in. */
  const choicesOf = (position: number): readonly (Choice | undefined)[] => {
    const known = best.get(position)
    if (known !== undefined) return known
    const work = item(deferrable, position)
    const before = work.after.map(choicesOf)
    const choices: (Choice | undefined)[] = []
    for (let end = 0; end < steps; end++) {
      let choice = end > 0 ? choices[end - 1] : undefined
      if (end <= work.deadline) {
        for (let from = end, held = 0; from >= work.earliest && end - from < work.longestSteps; from--) {
          held += real(item(placed, position), from)
          const length = end - from + 1
          const earlier = before.map((other) => (from > 0 ? other[from - 1] : undefined))
          if (length * work.maxPerStep < work.amount * (1 - 1e-9) || earlier.some((other) => other === undefined)) continue
          const worth = Math.min(held, work.amount) + roomWorth * length + earlier.reduce((sum, other) => sum + (other?.worth ?? 0), 0)
          if (choice === undefined || worth > choice.worth) choice = { worth, window: { from, to: end } }
        }
      }
      choices.push(choice)
    }
    best.set(position, choices)
    return choices
  }
  const waitedForBy = deferrable.map((_, position) => deferrable.flatMap(({ after }, later) => (after.includes(position) ? [later] : [])))
  const windows = new Map<number, Window>()
  const windowOf = (position: number): Window => {
    const known = windows.get(position)
    if (known !== undefined) return known
    const latest = item(waitedForBy, position).reduce((least, later) => {
      const window = windowOf(later)
      return window.to < window.from ? least : Math.min(least, window.from - 1)
    }, steps - 1)
    const window = latest < 0 ? undefined : choicesOf(position)[latest]?.window
    const chosen = window ?? { from: 1, to: 0 }
    windows.set(position, chosen)
    return chosen
  }
  return deferrable.map((_, position) => windowOf(position))
}

interface Choice {
  readonly worth: number
  readonly window: Window
}
