/** Declared inputs of a resource, as the engine sends them. */
export type Inputs = Readonly<Record<string, unknown>>

/** @returns the value at a path such as `sku.capacity` or `versions.0.instanceTemplate`; undefined where the path ends early */
export function valueAt(inputs: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => {
    if (Array.isArray(value)) return value[Number(name)]
    return isRecord(value) ? value[name] : undefined
  }, inputs)
}

/** @returns the text at `path`, or undefined when something else or nothing is there */
export function textAt(inputs: unknown, path: string): string | undefined {
  const value = valueAt(inputs, path)
  return typeof value === 'string' ? value : undefined
}

/** @returns the number at `path` (numbers written as text count), or undefined */
export function numberAt(inputs: unknown, path: string): number | undefined {
  const value = valueAt(inputs, path)
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : undefined
}

/** @returns the list at `path`, empty when there is none */
export function listAt(inputs: unknown, path: string): readonly unknown[] {
  const value = valueAt(inputs, path)
  return Array.isArray(value) ? value : []
}

/** @returns the texts of the list at `path` */
export function textsAt(inputs: unknown, path: string): readonly string[] {
  return listAt(inputs, path).filter((item) => typeof item === 'string')
}

/** @returns a copy with `value` at `path`; the objects on the way must exist but for the last name */
export function withValueAt(inputs: Inputs, path: string, value: unknown): Inputs {
  const [name = '', ...rest] = path.split('.')
  if (rest.length === 0) return { ...inputs, [name]: value }
  const inner = inputs[name]
  return { ...inputs, [name]: withValueAt(isRecord(inner) ? inner : {}, rest.join('.'), value) }
}

/** Whether `value` is an object with named fields. */
export function isRecord(value: unknown): value is Inputs {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
