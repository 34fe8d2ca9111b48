import { contentHash } from '../domain/hash.ts'
import { nameHolders } from './names.ts'
import type { Answer, CloudState } from './state.ts'
import type { World, WorldName } from './world.ts'

/** Remembers where names lead from now on, where that has changed. */
export function noteAnswers(state: CloudState, world: World): void {
  if (world.names === undefined) return
  const holders = nameHolders(state)
  const known = state.answers ?? {}
  state.answers = Object.fromEntries(
    world.names.map((asked) => {
      const before = known[asked.name] ?? []
      const now = answerNow(state, asked, holders)
      const last = before.at(-1)
      const isSame = last !== undefined && contentHash(last.shares) === contentHash(now.shares) && last.ttlSeconds === now.ttlSeconds
      return [asked.name, isSame ? before : [...before.filter(({ fromSeconds }) => fromSeconds < now.fromSeconds), now]]
    }),
  )
}

/** Route 53 answers with all where no weight is above 0; the other services with none. */
function answerNow(state: CloudState, { name, regions }: WorldName, holders: ReturnType<typeof nameHolders>): Answer {
  const own = holders.filter((holder) => holder.name === name)
  const targets = own.flatMap(({ record }) => record.targets)
  const sum = targets.reduce((total, { weight }) => total + weight, 0)
  const isEven = sum === 0 && own.some(({ withoutWeights }) => withoutWeights === 'all')
  const shares: Record<string, number> = {}
  for (const { endpoint, weight } of targets) {
    const region = regions[endpoint]
    const share = isEven ? 1 / targets.length : sum > 0 ? weight / sum : 0
    if (region !== undefined && share > 0) shares[region] = (shares[region] ?? 0) + share
  }
  // that there is no such name is not kept
  const ttlSeconds = Object.keys(shares).length === 0 ? 0 : Math.max(...own.map(({ record }) => record.ttlSeconds))
  return { fromSeconds: state.nowSeconds, ttlSeconds, shares }
}

/**
 * Shares of the requests of some time by region: who asks keeps the answer for its TTL, so that requests follow another answer over that time.
 * @param answers  ascending; the first held before, too
 * @returns what is missing to 1 led nowhere
 */
export function sharesIn(answers: readonly Answer[], startSeconds: number, lengthSeconds: number): ReadonlyMap<string, number> {
  const shares = new Map<string, number>()
  let before = 0
  answers.forEach((answer, index) => {
    const next = answers[index + 1]
    const until = next === undefined ? 1 : resolvedBefore(next.fromSeconds, answer.ttlSeconds, startSeconds, lengthSeconds)
    for (const [region, share] of Object.entries(answer.shares)) shares.set(region, (shares.get(region) ?? 0) + share * Math.max(0, until - before))
    before = Math.max(before, until)
  })
  return shares
}

/** @returns share of the requests whose name was resolved before an instant, each evenly within the TTL before the request */
function resolvedBefore(instant: number, ttlSeconds: number, startSeconds: number, lengthSeconds: number): number {
  const area = (seconds: number): number => (seconds <= 0 ? 0 : seconds < ttlSeconds ? seconds ** 2 / (2 * ttlSeconds) : seconds - ttlSeconds / 2)
  return (area(instant - startSeconds + ttlSeconds) - area(instant - startSeconds - lengthSeconds + ttlSeconds)) / lengthSeconds
}

/** Forgets what nobody keeps any more. */
export function forgetAnswers(state: CloudState): void {
  if (state.answers === undefined) return
  state.answers = Object.fromEntries(
    Object.entries(state.answers).map(([name, answers]) => [
      name,
      answers.filter((answer, index) => {
        const next = answers[index + 1]
        return next === undefined || next.fromSeconds + answer.ttlSeconds > state.nowSeconds
      }),
    ]),
  )
}
