/** What the shell may offer in a place: names that the project's files hold, or paths. */
export type CompletionKind = 'stack' | 'series' | 'pool' | 'explained' | 'file' | 'directory'

/** One argument of a command, in order. */
export interface ArgumentSpec {
  /** As help prints it, without brackets: `stack`. */
  readonly name: string
  readonly summary: string
  readonly required: 'required' | 'optional'
  readonly completes?: CompletionKind
  /** What the shell offers where the names are known beforehand. */
  readonly choices?: readonly string[]
}

/** One option of a command. */
export interface OptionSpec {
  /** Without hyphens: `json`. */
  readonly long: string
  /** One letter without its hyphen. */
  readonly short?: string
  /** Name of its value as help prints it: `duration`; left out for a flag. */
  readonly value?: string
  readonly summary: string
  /** Whether the command cannot run without it; optional if left out. */
  readonly required?: 'required'
  /** May be given more than once, each time with a value. */
  readonly repeats?: 'repeats'
  readonly completes?: CompletionKind
  /** The only values that are accepted. */
  readonly choices?: readonly string[]
}

/** One verb of the command line: parser, help and shell completion are made from it. */
export interface CommandSpec {
  /** One word, or two for a command of a command: `sandbox start`. */
  readonly name: string
  readonly summary: string
  readonly arguments: readonly ArgumentSpec[]
  readonly options: readonly OptionSpec[]
  /** A whole line that works: `prescale plan --json`. */
  readonly example: string
}
