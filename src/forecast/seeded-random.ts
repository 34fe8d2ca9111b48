/**
 * A generator of numbers in [0, 1), the same for the same seed on every machine.
 * @see Tommy Ettinger's mulberry32: 32 bits of state, good enough to thin and shuffle rows, not for secrets
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
