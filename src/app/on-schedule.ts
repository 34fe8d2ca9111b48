import { Cron } from 'croner'
import { cronFault } from '../config/cron-window.ts'
import { Problem } from '../domain/problem.ts'
import type { World } from './world.ts'

/** When something recurs: five cron fields, in a time zone whose daylight saving is followed. */
export interface Recurrence {
  readonly cron: string
  readonly timeZone: string
}

/**
 * @param count  how many are wanted
 * @returns the next moments after an instant, Unix seconds, ascending
 * @throws Problem `option-unusable` where the fields or the time zone make no sense
 */
export function nextMoments({ cron, timeZone }: Recurrence, afterSeconds: number, count: number): readonly number[] {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    throw new Problem('option-unusable', { option: 'time-zone', given: timeZone, expected: 'an IANA time zone such as Europe/Berlin', command: 'reconcile' })
  }
  const fault = cronFault({ cron, timeZone })
  if (fault !== undefined) throw new Problem('option-unusable', { option: 'schedule', given: fault.replace(/^is /, ''), expected: "five cron fields such as '*/15 * * * *'", command: 'reconcile' })
  return new Cron(cron, { mode: '5-part', timezone: timeZone, paused: true }).nextRuns(count, new Date(afterSeconds * 1000)).map((at) => at.getTime() / 1000)
}

/** Longest wait in one piece: a clock that jumps is noticed this late. */
const longestWaitSeconds = 30
/** A clock that went back by more than this was set, and what is due is looked up anew. */
const jumpSeconds = 60

/** One run that is due. */
export interface DueRun {
  readonly dueSeconds: number
  /** Moments that passed while the run before was not over, this one not counted. */
  readonly skipped: number
}

/**
 * Runs at each moment of a recurrence until the world's signal ends it. Runs never overlap: when one takes so long that moments pass, one run
 * follows at once for all of them.
 * @param run  may reject: that ends the schedule
 * @throws Problem `option-unusable`
 */
export async function onSchedule(world: World, recurrence: Recurrence, run: (due: DueRun) => Promise<void>): Promise<void> {
  const next = (after: number): number | undefined => nextMoments(recurrence, after, 1)[0]
  let due = next(world.now())
  let skipped = 0
  while (due !== undefined) {
    const waited = await waitUntil(world, due)
    if (waited === 'interrupted') return
    if (waited === 'clock-went-back') {
      due = next(world.now())
      continue
    }
    await run({ dueSeconds: due, skipped })
    if (world.signal.aborted) return
    const missed = momentsBetween(next, due, world.now())
    skipped = Math.max(0, missed.length - 1)
    due = missed.at(-1) ?? next(due)
  }
}

/** More than these are not counted: the schedule was away, not late. */
const mostMissed = 10_000

function momentsBetween(next: (after: number) => number | undefined, from: number, to: number): readonly number[] {
  const found: number[] = []
  for (let moment = next(from); moment !== undefined && moment <= to && found.length < mostMissed; moment = next(moment)) found.push(moment)
  return found
}

async function waitUntil(world: World, due: number): Promise<'due' | 'interrupted' | 'clock-went-back'> {
  let last = world.now()
  for (let now = last; now < due; now = world.now()) {
    if (now < last - jumpSeconds) return 'clock-went-back'
    last = now
    try {
      await world.sleep(Math.min(longestWaitSeconds, due - now), world.signal)
    } catch (error) {
      if (world.signal.aborted) return 'interrupted'
      throw error
    }
  }
  return world.signal.aborted ? 'interrupted' : 'due'
}
