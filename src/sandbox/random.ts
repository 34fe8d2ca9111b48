/**
 * A number in [0, 1) that depends on its key alone, so that chance does not change with the order or number of draws.
 * @see Appleby, MurmurHash3: the 32-bit mixing function, run over the key's UTF-16 units
 */
export function keyedUniform(seed: number, key: string): number {
  let hash = seed >>> 0
  for (let index = 0; index < key.length; index += 1) {
    let unit = Math.imul(key.charCodeAt(index), 0xcc9e2d51)
    unit = Math.imul((unit << 15) | (unit >>> 17), 0x1b873593)
    hash ^= unit
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) >>> 0
  }
  hash ^= key.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

/** A standard normal number that depends on its key alone (Box and Muller's transform of two uniform ones). */
export function keyedNormal(seed: number, key: string): number {
  const radius = Math.sqrt(-2 * Math.log(1 - keyedUniform(seed, `${key}/radius`)))
  return radius * Math.cos(2 * Math.PI * keyedUniform(seed, `${key}/angle`))
}

/**
 * Hexadecimal digits, at most 16, that depend on the text alone: ids look like the cloud's own and stay the same from run to run.
 * @see Fowler, Noll and Vo: the 64-bit FNV-1a hash
 */
export function keyedHex(text: string, digits: number): string {
  let hash = 0xcbf29ce484222325n
  for (let index = 0; index < text.length; index += 1) hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n)
  return hash.toString(16).padStart(16, '0').slice(0, digits)
}
