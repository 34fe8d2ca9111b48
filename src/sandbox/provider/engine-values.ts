import { isRecord, type Inputs } from '../inputs.ts'

/** Marks of the engine's wire format for values that are more than JSON. */
const mark = { key: '4dabf18193072939515e22adb298388d', secret: '1b47061264138c4ac30d75fd1eb44270', output: 'd0e6a833031e9bbcd3f4e8bde6ca49a4' } as const
/** What stands for a value that is not known before the resources it comes from exist. */
export const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9'

/** @returns the value with secrets and outputs taken out of their wrapping; the engine marks secrets again by itself */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (!isRecord(value)) return value
  if (value[mark.key] === mark.secret) return plain(value['value'])
  if (value[mark.key] === mark.output) return 'value' in value ? plain(value['value']) : unknown
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]))
}

/** @returns the part of the value that is known; undefined when none is */
export function knownPart(value: unknown): unknown {
  if (value === unknown) return undefined
  if (Array.isArray(value)) return value.map(knownPart)
  if (!isRecord(value)) return value
  return knownInputs(value)
}

/** @returns inputs without those that are not known yet */
export function knownInputs(inputs: Inputs): Inputs {
  return Object.fromEntries(
    Object.entries(inputs)
      .filter(([, item]) => item !== unknown)
      .map(([name, item]) => [name, knownPart(item)]),
  )
}
