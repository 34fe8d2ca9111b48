/** Pseudo-random choices from a fixed seed: the same problem is searched in the same order everywhere. */
export interface SeededChoice {
  /** @returns an integer in [0, count) */
  below(count: number): number
  /** @returns a number in [0, 1) */
  unit(): number
}

/** @see Marsaglia, Xorshift RNGs, Journal of Statistical Software 8 (2003) */
export function seededChoice(seed: number): SeededChoice {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1
  const next = (): number => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
  return { below: (count) => next() % count, unit: () => next() / 4294967296 }
}
