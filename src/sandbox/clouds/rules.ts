import { numberAt, valueAt, type Inputs } from '../inputs.ts'
import { canonicalJson } from '../../domain/hash.ts'
import type { InputRule } from './cloud-api.ts'

/** @returns one fault when the number at `path` is not whole or lies outside its range; none when there is no number yet */
export function integerRule(inputs: Inputs, path: string, least: number, most: number): InputRule[] {
  const value = numberAt(inputs, path)
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return []
  return [{ path, message: `is ${value}, expected a whole number from ${least} to ${most}` }]
}

/** Whether the value at `path` differs between two sets of inputs. */
export function changed(before: Inputs, after: Inputs, path: string): boolean {
  return canonicalJson(valueAt(before, path)) !== canonicalJson(valueAt(after, path))
}
