import type { Configuration } from '../../config/load-settings.ts'

/** What one check of `prescale doctor` found. */
export interface CheckResult {
  /** What was looked at: `engine`, `provider aws`. */
  readonly name: string
  /** `fail`: something will not work. `warn`: it works, or may, and should be looked at. */
  readonly status: 'ok' | 'warn' | 'fail'
  /** What is there, without secrets. */
  readonly found: string
  /** What to do about it; undefined when all is well. */
  readonly mend: string | undefined
}

/** Output of a program that was run to its end; `code` is undefined when it could not be started or was stopped. */
export interface CommandOutput {
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** The outside, as checks may see it. */
export interface DoctorContext {
  /** Folder of prescale.yaml, absolute; where it should be, when there is none. */
  readonly root: string
  /** Settings file, absolute. */
  readonly settingsFile: string
  /** Folder that prescale itself is in. */
  readonly installation: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The user's home folder. */
  readonly home: string
  /** Without the `v`. */
  readonly nodeVersion: string
  /** Unix seconds. */
  readonly now: () => number
  readonly fetch: typeof fetch
  /** Runs a program in the project's folder, without a shell. */
  readonly run: (command: string, args: readonly string[], env: Readonly<Record<string, string>>) => Promise<CommandOutput>
  readonly signal: AbortSignal
}

/** What a check may look at. */
export interface Examination extends DoctorContext {
  /** Undefined when it does not load; `configurationCheck` then says why. */
  readonly configuration: Configuration | undefined
}

/** One thing that is looked at. It may throw: what it throws becomes its finding. */
export interface Check {
  readonly name: string
  /** @returns one result, several, or none where there is nothing to look at */
  readonly look: (examination: Examination) => Promise<readonly CheckResult[]>
}

export function ok(name: string, found: string): CheckResult {
  return { name, status: 'ok', found, mend: undefined }
}

export function warn(name: string, found: string, mend: string): CheckResult {
  return { name, status: 'warn', found, mend }
}

export function fail(name: string, found: string, mend: string): CheckResult {
  return { name, status: 'fail', found, mend }
}
