import { isRecord, type Inputs } from '../inputs.ts'

/** One property that differs, at a path of the engine's kind: `sku.capacity`, `tags[0].value`, `tags["a.b"]`. */
export interface PropertyChange {
  readonly path: string
  readonly kind: 'add' | 'delete' | 'update'
  /** Whether the resource must be made anew. */
  readonly replaces: boolean
}

/**
 * What differs between two sets of inputs, leaf by leaf.
 * @param replaceOn  paths whose change, or the change of anything below them, needs a new resource; `*` for all
 * @param ignored    paths, in the engine's notation, whose changes do not count
 */
export function changesBetween(before: Inputs, after: Inputs, replaceOn: readonly string[], ignored: readonly string[]): PropertyChange[] {
  const changes: { path: string; kind: PropertyChange['kind'] }[] = []
  compare(before, after, '', changes)
  return changes
    .filter(({ path }) => !ignored.some((skipped) => within(path, skipped)))
    .map(({ path, kind }) => ({ path, kind, replaces: replaceOn.some((needing) => needing === '*' || within(path, needing)) }))
}

function within(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`)
}

function compare(before: unknown, after: unknown, path: string, changes: { path: string; kind: PropertyChange['kind'] }[]): void {
  if (before === after) return
  if (isRecord(before) && isRecord(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (!name.startsWith('__')) compare(before[name], after[name], child(path, name), changes)
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index += 1) compare(before[index], after[index], `${path}[${index}]`, changes)
  } else {
    changes.push({ path, kind: isAbsent(before) ? 'add' : isAbsent(after) ? 'delete' : 'update' })
  }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

function child(path: string, name: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`
  return path === '' ? name : `${path}.${name}`
}

/** @returns the first name of a path: `sku` of `sku.capacity` */
export function topLevel(path: string): string {
  return /^[^.[]+/.exec(path)?.[0] ?? path
}
