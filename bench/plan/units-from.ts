/** Numbers in [0, 1) that depend on the seed alone. @see Steele, Lea and Flood, Fast splittable pseudorandom number generators (2014) */
export function unitsFrom(seed: number): () => number {
  let state = BigInt(seed) * 0x9e3779b97f4a7c15n
  const mask = 0xffffffffffffffffn
  return () => {
    state = (state + 0x9e3779b97f4a7c15n) & mask
    let mixed = state
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & mask
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & mask
    return Number((mixed ^ (mixed >> 31n)) >> 11n) / 2 ** 53
  }
}
