/**
 * Checked access to arrays: an index outside is a bug and throws, instead of NaN or `undefined` spreading through a plan.
 * One function per kind of array, so that each stays monomorphic and is inlined in the inner loops.
 */
function outside(index: number, length: number): never {
  throw new RangeError(`index ${index} is outside 0..${length - 1}`)
}

/** @throws RangeError outside the array */
export function real(array: Float64Array, index: number): number {
  const value = array[index]
  return value === undefined ? outside(index, array.length) : value
}

/** @throws RangeError outside the array */
export function whole(array: Int32Array, index: number): number {
  const value = array[index]
  return value === undefined ? outside(index, array.length) : value
}

/** @throws RangeError outside the array */
export function flag(array: Uint8Array, index: number): number {
  const value = array[index]
  return value === undefined ? outside(index, array.length) : value
}

/** @throws RangeError outside the array */
export function item<T>(array: readonly T[], index: number): T {
  const value = array[index]
  return value === undefined ? outside(index, array.length) : value
}

/** Adds to one element in place. */
export function add(array: Float64Array, index: number, amount: number): void {
  array[index] = real(array, index) + amount
}

/** Adds to one element in place. */
export function addWhole(array: Int32Array, index: number, amount: number): void {
  array[index] = whole(array, index) + amount
}

/** @returns 0, 1, … count − 1 */
export function indices(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index)
}
