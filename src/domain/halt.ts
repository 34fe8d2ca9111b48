import { regionName, type RegionKey } from './pool.ts'

/** An order to leave things as they are. */
export interface Halt {
  /** `all`, a cloud, `cloud/region`, or `workload/<name>`. */
  readonly scope: string
  readonly reason: string
  readonly by: string
  readonly atSeconds: number
  /** Undefined until somebody resumes. */
  readonly untilSeconds: number | undefined
}

/** What a halt is asked about: a stack, and the workloads whose pools it would change. */
export interface HaltSubject extends RegionKey {
  readonly workloads: readonly string[]
}

/** @returns whether the halt is in force and covers any part of the subject */
export function haltCovers(halt: Halt, subject: HaltSubject, nowSeconds: number): boolean {
  if (halt.untilSeconds !== undefined && nowSeconds >= halt.untilSeconds) return false
  return scopeCovers(halt.scope, subject)
}

/** @returns whether the scope names any part of the subject */
export function scopeCovers(scope: string, subject: HaltSubject): boolean {
  return scope === 'all' || scope === subject.cloud || scope === regionName(subject) || subject.workloads.some((workload) => scope === `workload/${workload}`)
}

/** @returns the first halt that covers the subject */
export function haltOn(halts: readonly Halt[], subject: HaltSubject, nowSeconds: number): Halt | undefined {
  return halts.find((halt) => haltCovers(halt, subject, nowSeconds))
}

/** @returns every halt still in force, with `halt` in place of the one of its scope */
export function withHalt(halts: readonly Halt[], halt: Halt, nowSeconds: number): readonly Halt[] {
  return [...withoutHalts(halts, halt.scope, nowSeconds), halt]
}

/** @returns the halts still in force, without those of the scope */
export function withoutHalts(halts: readonly Halt[], scope: string, nowSeconds: number): readonly Halt[] {
  return halts.filter((halt) => halt.scope !== scope && (halt.untilSeconds === undefined || halt.untilSeconds > nowSeconds))
}
