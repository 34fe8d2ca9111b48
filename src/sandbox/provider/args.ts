import { readFileSync } from 'node:fs'
import { isRecord, type Inputs } from '../inputs.ts'
import type { InputRule } from '../clouds/cloud-api.ts'
import { unknown } from './engine-values.ts'

/** Arguments that one SDK package's resource types take; read from the SDK's declarations by scripts/sandbox/write-sdk-args.ts. */
export interface ArgsTable {
  /** Shape of a resource's arguments by the engine's type token. */
  readonly resources: Readonly<Record<string, string>>
  /** Kind of each property by shape: `!` required or `?` optional, then what it may be. */
  readonly shapes: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** @param provider  the engine's name of the package: aws, gcp, azure-native */
export function loadArgsTable(provider: string): ArgsTable {
  return JSON.parse(readFileSync(new URL(`args/${provider}.json`, import.meta.url), 'utf8')) as ArgsTable
}

/** @returns every input that is missing, not known to the type, or of the wrong kind; inputs whose value is not known yet pass */
export function argumentFaults(table: ArgsTable, token: string, inputs: Inputs): InputRule[] {
  const shape = table.resources[token]
  return shape === undefined ? [{ path: '', message: `the sandbox has no type ${token}` }] : shapeFaults(table, shape, inputs, '')
}

function shapeFaults(table: ArgsTable, shape: string, inputs: Inputs, path: string): InputRule[] {
  const properties = table.shapes[shape] ?? {}
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`)
  const strange = Object.keys(inputs)
    .filter((name) => !name.startsWith('__') && !Object.hasOwn(properties, name))
    .map((name): InputRule => ({ path: at(name), message: `is no property of ${shape}${suggestion(name, Object.keys(properties))}` }))
  const wrong = Object.entries(properties).flatMap(([name, kind]): InputRule[] => {
    const value = inputs[name]
    if (value === undefined || value === null) return kind.startsWith('!') ? [{ path: at(name), message: 'is required and missing' }] : []
    return kindFaults(table, kind.slice(1), value, at(name))
  })
  return [...strange, ...wrong]
}

function kindFaults(table: ArgsTable, kind: string, value: unknown, path: string): InputRule[] {
  if (value === unknown || kind === 'any') return []
  const alternatives = splitAlternatives(kind)
  if (alternatives.length > 1) {
    const outcomes = alternatives.map((alternative) => kindFaults(table, alternative, value, path))
    return outcomes.find((faults) => faults.length === 0) ?? outcomes[0] ?? []
  }
  const wrong = (expected: string): InputRule[] => [{ path, message: `expected ${expected}, got ${describe(value)}` }]
  if (kind === 'string' || kind === 'number' || kind === 'boolean') return typeof value === kind ? [] : wrong(`a ${kind}`)
  if (kind.endsWith('[]')) {
    return Array.isArray(value) ? value.flatMap((item, index) => kindFaults(table, kind.slice(1, -3), item, `${path}[${index}]`)) : wrong('a list')
  }
  if (!isRecord(value)) return wrong('an object')
  if (kind.startsWith('{')) return Object.entries(value).flatMap(([name, item]) => kindFaults(table, kind.slice(1, -1), item, `${path}[${JSON.stringify(name)}]`))
  return shapeFaults(table, kind, value, path)
}

/** Splits `string|(a|b)[]` at the bars outside brackets. */
function splitAlternatives(kind: string): string[] {
  const parts = ['']
  let depth = 0
  for (const character of kind) {
    if ('({'.includes(character)) depth += 1
    if (')}'.includes(character)) depth -= 1
    if (character === '|' && depth === 0) parts.push('')
    else parts.push((parts.pop() ?? '') + character)
  }
  return parts
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return `the text ${JSON.stringify(value)}`
  return typeof value === 'object' ? 'an object' : `${typeof value} ${String(value)}`
}

function suggestion(name: string, known: readonly string[]): string {
  const near = known.find((candidate) => candidate.toLowerCase() === name.toLowerCase()) ?? known.find((candidate) => oneEditApart(candidate, name))
  return near === undefined ? '' : ` (${near}?)`
}

function oneEditApart(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  if (long.length - short.length > 1) return false
  let at = 0
  while (at < short.length && short[at] === long[at]) at += 1
  return short.slice(short.length === long.length ? at + 1 : at) === long.slice(at + 1)
}
