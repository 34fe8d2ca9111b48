import { additive } from './additive.ts'
import { exponentialSmoothing } from './exponential-smoothing.ts'
import type { LocalMember } from './member.ts'
import { seasonalNaive } from './seasonal-naive.ts'
import { slotProfile } from './slot-profile.ts'
import { weekProfile } from './week-profile.ts'

export const naiveDay = seasonalNaive('naive-day', 1, 'the same time one day before')
export const naiveWeek = seasonalNaive('naive-week', 7, 'the same time one week before')
export const naiveNames: readonly string[] = [naiveDay.name, naiveWeek.name]

/**
 * Members that forecast a series from its own past, with the weight each has before its errors on the series are known. A `patient` one costs
 * more than all others together, and is left out where thousands of forecasts are asked for at once.
 */
export const localMembers: readonly { readonly member: LocalMember; readonly prior: number; readonly patient?: true }[] = [
  { member: naiveDay, prior: 0.01 },
  { member: naiveWeek, prior: 0.02 },
  { member: slotProfile, prior: 0.035 },
  { member: weekProfile, prior: 0.05 },
  { member: exponentialSmoothing, prior: 0.03 },
  { member: additive, prior: 0.01, patient: true },
]

/** Members that are fitted rather than applied, with their prior weights. */
export const fittedMembers = {
  trees: { name: 'trees', prior: 0.5, describes: 'boosted trees trained on all series together' },
  network: { name: 'network', prior: 0.5, describes: 'a small neural network trained on all series together' },
  sequence: { name: 'sequence', prior: 0.5, describes: 'a network with a memory that came trained on many kinds of demand' },
  regression: { name: 'regression', prior: 0.04, describes: 'a regression on recent levels and the same time of earlier days and weeks' },
} as const

/** What each member goes by, for sentences. */
export const memberDescriptions: ReadonlyMap<string, string> = new Map([
  ...localMembers.map(({ member }): [string, string] => [member.name, member.describes]),
  ...Object.values(fittedMembers).map(({ name, describes }): [string, string] => [name, describes]),
])
