import { exponentialSmoothing } from './exponential-smoothing.ts'
import type { LocalMember } from './member.ts'
import { seasonalNaive } from './seasonal-naive.ts'
import { slotProfile } from './slot-profile.ts'

export const naiveDay = seasonalNaive('naive-day', 1, 'the same time one day before')
export const naiveWeek = seasonalNaive('naive-week', 7, 'the same time one week before')

/** Members that forecast a series from its own past, with the weight each has before its errors on the series are known. */
export const localMembers: readonly { readonly member: LocalMember; readonly prior: number }[] = [
  { member: naiveDay, prior: 0.05 },
  { member: naiveWeek, prior: 0.1 },
  { member: slotProfile, prior: 0.15 },
  { member: exponentialSmoothing, prior: 0.1 },
]
