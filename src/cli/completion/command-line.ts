import type { ArgumentSpec, CommandSpec, OptionSpec } from '../command-spec.ts'
import type { CommandLine } from '../completion.ts'

/** @returns the command's own options and those of every command */
export function optionsOf(command: CommandSpec, line: CommandLine): readonly OptionSpec[] {
  return [...command.options, ...line.globalOptions]
}

/** @returns `--out`, `-o`: the ways to write an option */
export function spellings(option: OptionSpec): readonly string[] {
  return [`--${option.long}`, ...(option.short === undefined ? [] : [`-${option.short}`])]
}

/** What a shell can offer in a place. */
export type Offer =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'names'; readonly of: 'stack' | 'series' | 'pool' | 'explained' }
  | { readonly kind: 'files' }
  | { readonly kind: 'directories' }
  | { readonly kind: 'nothing' }

/** @returns what stands in the place of an argument or of an option's value */
export function offerOf({ choices, completes }: Pick<ArgumentSpec, 'choices' | 'completes'>): Offer {
  if (choices !== undefined) return { kind: 'words', words: choices }
  switch (completes) {
    case undefined:
      return { kind: 'nothing' }
    case 'file':
      return { kind: 'files' }
    case 'directory':
      return { kind: 'directories' }
    default:
      return { kind: 'names', of: completes }
  }
}

/** @returns the text in single quotes, as all three shells read them */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
