import type { LiveRecord } from '../domain/observation.ts'

/** A resource as the engine found it in the cloud. */
export interface FoundResource {
  /** The engine's type, for example `aws:autoscaling/group:Group`. */
  readonly type: string
  /** Its properties as the cloud's provider read them. */
  readonly properties: Properties
}
export type Properties = Readonly<Record<string, unknown>>

/** Counts of a group as the cloud holds them. */
export interface LiveGroup {
  /** The group's name in the cloud. */
  readonly group: string
  readonly min: number
  readonly desired: number
  readonly max: number
  /** Zones that its nodes are in, where its cloud counts nodes per zone. */
  readonly zones?: readonly string[]
  /** Set where the group has an autoscaler of its own that is on. */
  readonly autoscaled?: true
}

/**
 * The groups among what was found in one stack.
 * @param atSeconds  Unix seconds; bounds that the cloud keeps as schedules are those of this instant
 * @throws TypeError when a group has no whole count where its cloud keeps one: a count that is not known is never taken for 0
 */
export type LiveGroupsOf = (resources: readonly FoundResource[], atSeconds: number) => readonly LiveGroup[]

/**
 * What a resource of a service that holds names sends to where.
 * @throws TypeError when a weight is not a number: one that is not known is never taken for 0
 */
export type LiveRecordOf = (properties: Properties) => LiveRecord

/** @param path  keys with dots between them; numbers are places in lists */
export function valueAt(properties: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, key) => (at === null || typeof at !== 'object' ? undefined : (at as Properties)[key]), properties)
}

/** @returns the whole number at a path, also where the cloud writes it as text @throws TypeError */
export function wholeAt(properties: unknown, path: string): number {
  const value = valueAt(properties, path)
  const whole = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof whole === 'number' && Number.isInteger(whole) && whole >= 0) return whole
  throw new TypeError(`${path} is ${JSON.stringify(value)}, not a count`)
}

/** @returns the list at a path; none where there is no list */
export function listAt(properties: unknown, path: string): readonly unknown[] {
  const value = valueAt(properties, path)
  return Array.isArray(value) ? value : []
}

/** @returns the last part of an id or link: the name of what it refers to */
export function referredName(reference: unknown): string {
  const path = String(reference).replace(/\?.*$/, '')
  return path.slice(path.lastIndexOf('/') + 1)
}

/** @returns the number at a path, also where the cloud writes it as text @throws TypeError */
export function numberAt(properties: unknown, path: string): number {
  const value = valueAt(properties, path)
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isFinite(number) && number >= 0) return number
  throw new TypeError(`${path} is ${JSON.stringify(value)}, not a number`)
}
