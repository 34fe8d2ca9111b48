import type { z } from 'zod'
import type { DocumentPath, PlacedDocument } from '../documents/read-yaml.ts'
import type { InputFault } from '../domain/problem.ts'
import { nearestName } from '../domain/nearest-name.ts'
import { expectation, formOf, sampleOf, type Shape, shapeAt } from './schema-tree.ts'

type Issue = z.core.$ZodIssue

/** What a file says, as far as its schema accepts it. */
export interface SchemaReading<Value> {
  readonly faults: readonly InputFault[]
  /**
   * The parsed value; where the file was wrong, something acceptable stands in, so that what is right can still be checked.
   * Undefined when the file is too far from its schema for that.
   */
  readonly value: Value | undefined
  /** Places where something stands in: what depends on them says nothing about the file. */
  readonly standIns: readonly DocumentPath[]
}

/** Checks a document against its schema and tells every fault in words, at its place in the file. */
export function readBySchema<Schema extends z.ZodType>(
  document: PlacedDocument,
  schema: Schema,
  shape: () => Shape,
): SchemaReading<z.output<Schema>> {
  const result = schema.safeParse(document.value)
  if (result.success) return { faults: [], value: result.data, standIns: [] }
  const root = shape()
  const issues = result.error.issues.flatMap((issue) => plainIssues(issue, document.value, root))
  const faults = issues.map((issue) =>
    issue.at === 'key' ? document.keyFault(issue.path, issue.message) : document.fault(issue.path, issue.message),
  )
  return { faults: [...faults].sort(byPlace), ...mended(document.value, schema, root) }
}

/** Faults in the order of the file, one of each kind. */
export function byPlace(a: InputFault, b: InputFault): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}

interface PlainIssue {
  readonly path: DocumentPath
  readonly at: 'key' | 'value'
  readonly message: string
  readonly repair: 'replace' | 'delete'
  /** The key that was meant by an unknown one. */
  readonly meant?: DocumentPath
}

function plainIssues(issue: Issue, root: unknown, shape: Shape): readonly PlainIssue[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  const value = valueAt(root, path)
  const here = shapeAt(shape, path, root)
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, here, value))
    case 'invalid_key':
      return [
        {
          path,
          at: 'key',
          repair: 'delete',
          message: `is not a key here, expected ${keyExpectation(shapeAt(shape, path.slice(0, -1), root))}`,
        },
      ]
    case 'invalid_union':
      return unionIssues(issue, path, root, shape)
    default:
      return [{ path, at: 'value', repair: 'replace', message: valueMessage(value, here) }]
  }
}

function unknownKey(path: DocumentPath, key: string, shape: Shape | undefined, value: unknown): PlainIssue {
  const known = shape?.kind === 'block' ? shape.keys : shape?.kind === 'forms' ? (formOf(shape, value)?.keys ?? []) : []
  const names = known.map((one) => one.name)
  const meant = nearestName(key, names)
  return {
    path: [...path, key],
    at: 'key',
    repair: 'delete',
    message: meant === undefined ? `is not a key here, expected one of ${names.join(', ')}` : `is not a key here; did you mean ${meant}?`,
    ...(meant === undefined ? {} : { meant: [...path, meant] }),
  }
}

function unionIssues(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: DocumentPath,
  root: unknown,
  shape: Shape,
): readonly PlainIssue[] {
  const direct = shapeAt(shape, path, root)
  // Zod places a wrong discriminator at its own key, whose shape depends on it.
  const forms = direct?.kind === 'forms' ? direct : shapeAt(shape, path.slice(0, -1), root)
  if (forms?.kind !== 'forms') return [{ path, at: 'value', repair: 'replace', message: valueMessage(valueAt(root, path), direct) }]
  const { discriminator } = forms
  if (discriminator !== undefined && issue.errors.length === 0) {
    const values = forms.forms.flatMap((form) =>
      form.keys.flatMap((key) => (key.name === discriminator && key.shape.kind === 'choice' ? key.shape.values : [])),
    )
    const block = direct?.kind === 'forms' ? path : path.slice(0, -1)
    const message = valueMessage(valueAt(root, [...block, discriminator]), { kind: 'choice', values })
    return [{ path: [...block, discriminator], at: 'value', repair: 'replace', message }]
  }
  const value = valueAt(root, path)
  const form = formOf(forms, value)
  const nested = form === undefined ? undefined : issue.errors[forms.forms.indexOf(form)]
  if (nested !== undefined) {
    return nested.flatMap((inner) => plainIssues({ ...inner, path: [...path, ...inner.path] } as Issue, root, shape))
  }
  const names = forms.forms.map((one) => one.keys[0]?.name ?? '')
  if (typeof value !== 'object' || value === null) return [{ path, at: 'value', repair: 'replace', message: valueMessage(value, forms) }]
  const given = Object.keys(value)
  const chosen = given.filter((key) => names.includes(key))
  if (chosen.length > 1) {
    return [{ path, at: 'key', repair: 'replace', message: `has ${chosen.join(' and ')}, expected one of them` }]
  }
  const meant = given.length === 1 ? nearestName(given[0] ?? '', names) : undefined
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`
  return [{ path, at: 'key', repair: 'replace', message: `has none of ${names.join(', ')}, expected one of them${hint}` }]
}

function keyExpectation(shape: Shape | undefined): string {
  return shape?.kind === 'map' ? expectation(shape.key) : 'another name'
}

function valueMessage(value: unknown, shape: Shape | undefined): string {
  const expected = shape === undefined ? 'something else' : expectation(shape)
  if (value === undefined) return `is missing, expected ${expected}`
  if (value === null) return `is empty, expected ${expected} (or leave the key out)`
  if (shape?.kind === 'value' && shape.concealed === true) return `is not ${shape.expected}; the value is not shown, it may be a secret`
  if (shape?.kind === 'list' && Array.isArray(value)) {
    return value.length === 0
      ? `is an empty list, expected at least ${shape.least}`
      : `has ${value.length}, expected at least ${shape.least}`
  }
  const meant = shape?.kind === 'choice' && typeof value === 'string' ? nearestName(value, shape.values) : undefined
  return `is ${shown(value)}, expected ${expected}${meant === undefined ? '' : `; did you mean ${meant}?`}`
}

const longestShown = 60

/** @returns the value as a message shows it: text in quotes, so that `"90"` and `90` differ */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a block'
  const all = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return all.length <= longestShown ? all : `${all.slice(0, longestShown)}…`
}

/** Each round can bring forth faults that another one hid; real files need one or two. */
const mostRounds = 12

function mended<Schema extends z.ZodType>(
  original: unknown,
  schema: Schema,
  shape: Shape,
): Pick<SchemaReading<z.output<Schema>>, 'value' | 'standIns'> {
  let value = structuredClone(original)
  const standIns: DocumentPath[] = []
  for (let round = 0; round < mostRounds; round += 1) {
    const result = schema.safeParse(value)
    if (result.success) return { value: result.data, standIns }
    for (const issue of result.error.issues.flatMap((one) => plainIssues(one, value, shape))) {
      if (issue.repair === 'delete') standIns.push(...(issue.meant === undefined ? [] : [issue.meant]))
      else standIns.push(issue.path)
      value = withRepair(value, issue, shape)
    }
  }
  return { value: undefined, standIns }
}

function withRepair(root: unknown, issue: PlainIssue, shape: Shape): unknown {
  const last = issue.path.at(-1)
  const parentPath = issue.path.slice(0, -1)
  if (last === undefined) return sampleOf(shape)
  const parent = valueAt(root, parentPath)
  if (typeof parent !== 'object' || parent === null) return root
  const parentShape = shapeAt(shape, parentPath, root)
  const keys =
    parentShape?.kind === 'block' ? parentShape.keys : parentShape?.kind === 'forms' ? (formOf(parentShape, parent)?.keys ?? []) : []
  const key = keys.find((one) => one.name === last)
  if (issue.repair === 'delete' || key?.required === 'optional') delete (parent as Record<string, unknown>)[last]
  else {
    const here = shapeAt(shape, issue.path, root)
    // A form that cannot be told is replaced whole: its other keys belong to no form.
    if (here === undefined && parentShape?.kind === 'forms') return withRepair(root, { ...issue, path: parentPath }, shape)
    ;(parent as Record<string | number, unknown>)[last] = key?.example ?? (here === undefined ? null : sampleOf(here))
  }
  return root
}

function valueAt(root: unknown, path: DocumentPath): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[part] : undefined),
    root,
  )
}
