import { z } from 'zod'
import { type Wording, wordings } from './kinds.ts'

/** One key of a block, as messages and the reference page need it. */
export interface KeyShape {
  readonly name: string
  readonly required: 'required' | 'optional'
  readonly description: string
  /** As it would be written in the file; undefined where leaving the key out means something of its own. */
  readonly default: unknown
  /** As it would be written in the file. */
  readonly example: unknown
  readonly shape: Shape
}

/** A schema, seen as what stands in the file. */
export type Shape =
  | { readonly kind: 'block'; readonly keys: readonly KeyShape[] }
  | { readonly kind: 'list'; readonly item: Shape; readonly least: number }
  | { readonly kind: 'map'; readonly key: Shape; readonly value: Shape }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  /** One of several blocks: told apart by the value of `discriminator`, or by which of their keys is present. */
  | { readonly kind: 'forms'; readonly forms: readonly Form[]; readonly discriminator: string | undefined }
  | ({ readonly kind: 'value' } & Wording)

export interface Form {
  readonly keys: readonly KeyShape[]
}

/** @returns the shape of what may stand in the file; transforms and defaults are looked through */
export function shapeOf(schema: z.core.$ZodType): Shape {
  const wording = wordings.get(schema)
  if (wording !== undefined) return { kind: 'value', ...wording }
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'object':
      return { kind: 'block', keys: Object.entries(def.shape).map(([name, key]) => keyShape(name, key)) }
    case 'array':
      return { kind: 'list', item: shapeOf(def.element), least: boundsOf(def.checks).least ?? 0 }
    case 'record':
      return { kind: 'map', key: shapeOf(def.keyType), value: shapeOf(def.valueType) }
    case 'enum':
      return { kind: 'choice', values: Object.values(def.entries).map(String) }
    case 'literal':
      return { kind: 'choice', values: def.values.map(String) }
    case 'union': {
      const discriminator = 'discriminator' in def ? String(def.discriminator) : undefined
      return { kind: 'forms', discriminator, forms: def.options.map((option) => ({ keys: blockKeys(shapeOf(option)) })) }
    }
    case 'default':
    case 'prefault':
    case 'optional':
      return shapeOf(def.innerType)
    case 'pipe':
      return shapeOf(def.in)
    case 'boolean':
      return { kind: 'value', expected: 'true or false', type: 'true or false', example: true }
    case 'number':
      return numberShape('format' in def ? 'whole number' : 'number', boundsOf(def.checks))
    default:
      throw new TypeError(`the schema has a ${def.type} without wording`)
  }
}

/** @returns what a message expects: `a list of at least 1 name`, `one of aws, gcp, azure` */
export function expectation(shape: Shape): string {
  switch (shape.kind) {
    case 'block':
      return `a block with ${listed(
        shape.keys.filter((key) => key.required === 'required'),
        shape.keys,
      )}`
    case 'list':
      return shape.least === 0 ? 'a list' : `a list of at least ${shape.least}`
    case 'map':
      return 'a block of names and values'
    case 'choice':
      return shape.values.length === 1 ? String(shape.values[0]) : `one of ${shape.values.join(', ')}`
    case 'forms':
      return shape.discriminator === undefined
        ? `a block with one of ${shape.forms.map((form) => form.keys[0]?.name).join(', ')}`
        : `a block with ${shape.discriminator}`
    case 'value':
      return shape.expected
    default:
      return shape satisfies never
  }
}

/** A smallest value that the schema accepts: it stands in for a wrong one while the rest of a file is checked. */
export function sampleOf(shape: Shape): unknown {
  switch (shape.kind) {
    case 'block':
      return blockSample(shape.keys)
    case 'list':
      return Array.from({ length: shape.least }, () => sampleOf(shape.item))
    case 'map':
      return {}
    case 'choice':
      return shape.values[0]
    case 'forms':
      return blockSample(shape.forms[0]?.keys ?? [])
    case 'value':
      return shape.example
    default:
      return shape satisfies never
  }
}

/**
 * The shape at `path`, following the forms that `value` shows.
 * @returns undefined where the schema knows no such place
 */
export function shapeAt(shape: Shape, path: readonly PropertyKey[], value: unknown): Shape | undefined {
  const [part, ...rest] = path
  if (part === undefined) return shape
  const inner = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined
  switch (shape.kind) {
    case 'block':
    case 'forms': {
      const keys = shape.kind === 'block' ? shape.keys : (formOf(shape, value)?.keys ?? [])
      const key = keys.find((candidate) => candidate.name === part)
      return key === undefined ? undefined : shapeAt(key.shape, rest, inner)
    }
    case 'list':
      return shapeAt(shape.item, rest, inner)
    case 'map':
      return shapeAt(shape.value, rest, inner)
    case 'choice':
    case 'value':
      return undefined
    default:
      return shape satisfies never
  }
}

/** @returns the one form that `value` means, or undefined when it shows none or several */
export function formOf(shape: Extract<Shape, { kind: 'forms' }>, value: unknown): Form | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { discriminator } = shape
  const meant = shape.forms.filter((form) => {
    if (discriminator === undefined) return form.keys.some((key) => key.name in value)
    const choice = form.keys.find((key) => key.name === discriminator)?.shape
    return choice?.kind === 'choice' && choice.values.includes(String((value as Record<string, unknown>)[discriminator]))
  })
  return meant.length === 1 ? meant[0] : undefined
}

function blockSample(keys: readonly KeyShape[]): Record<string, unknown> {
  return Object.fromEntries(keys.filter((key) => key.required === 'required').map((key) => [key.name, key.example ?? sampleOf(key.shape)]))
}

function keyShape(name: string, schema: z.core.$ZodType): KeyShape {
  let inner = schema
  let description: string | undefined
  let example: unknown
  let fallback: unknown
  let required: KeyShape['required'] = 'required'
  for (;;) {
    const meta = z.globalRegistry.get(inner)
    description ??= meta?.description
    example ??= (meta?.['examples'] as readonly unknown[] | undefined)?.[0]
    const { def } = (inner as z.core.$ZodTypes)._zod
    if (def.type !== 'default' && def.type !== 'prefault' && def.type !== 'optional') break
    required = 'optional'
    if (def.type !== 'optional') fallback ??= def.defaultValue
    inner = def.innerType
  }
  return { name, required, description: description ?? '', default: fallback, example, shape: shapeOf(inner) }
}

function blockKeys(shape: Shape): readonly KeyShape[] {
  return shape.kind === 'block' ? shape.keys : []
}

function listed(required: readonly KeyShape[], all: readonly KeyShape[]): string {
  return (required.length > 0 ? required : all).map((key) => key.name).join(', ')
}

interface Bounds {
  from?: number
  above?: number
  to?: number
  below?: number
  least?: number
}

/** What the checks of a number or list demand. */
function boundsOf(checks: readonly z.core.$ZodCheck<never>[] | undefined): Bounds {
  const bounds: Bounds = {}
  for (const check of checks ?? []) {
    const def = (check as unknown as z.core.$ZodChecks)._zod.def
    if (def.check === 'greater_than') bounds[def.inclusive ? 'from' : 'above'] = Number(def.value)
    if (def.check === 'less_than') bounds[def.inclusive ? 'to' : 'below'] = Number(def.value)
    if (def.check === 'min_length') bounds.least = def.minimum
  }
  return bounds
}

function numberShape(kind: 'number' | 'whole number', { from, above, to, below }: Bounds): Shape {
  const low = above !== undefined ? `above ${above}` : from !== undefined ? `from ${from}` : ''
  const high = below !== undefined ? `below ${below}` : to === undefined ? '' : from === undefined ? `at most ${to}` : `to ${to}`
  const range = [low, high].filter((part) => part !== '').join(from === undefined ? ' and ' : ' ')
  const type = range === '' ? kind : `${kind} ${range}`
  return { kind: 'value', expected: `a ${type}`, type, example: to ?? Math.floor(from ?? above ?? 0) + 1 }
}
