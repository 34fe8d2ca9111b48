import { parseArgs } from 'node:util'
import { nearestName } from '../domain/nearest-name.ts'
import type { CommandSpec } from './command-spec.ts'
import { commandTable, globalOptions } from './commands.ts'

/** A command line that fits the table. */
export interface Invocation {
  readonly command: CommandSpec
  /** Positional arguments, in the order of the table. */
  readonly positionals: readonly string[]
  /** Flags are `true`; values as typed, of a repeatable option a list. */
  readonly options: Readonly<Record<string, string | true | readonly string[] | undefined>>
}

/** @returns the value that was given for an option */
export function textOption(invocation: Invocation, name: string): string | undefined {
  const value = invocation.options[name]
  return typeof value === 'string' ? value : undefined
}

/** @returns the values that were given for a repeatable option, in order */
export function listOption(invocation: Invocation, name: string): readonly string[] {
  const value = invocation.options[name]
  return typeof value === 'object' ? value : []
}

export type ParsedLine =
  | { readonly kind: 'run'; readonly invocation: Invocation }
  | { readonly kind: 'overview' }
  | { readonly kind: 'help'; readonly command: CommandSpec }
  | { readonly kind: 'fault'; readonly message: string; readonly next: string }

/** Reads the words after `prescale`. */
export function parseLine(words: readonly string[]): ParsedLine {
  const [first, ...rest] = words
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') return { kind: 'overview' }
  const command = commandTable.find((candidate) => candidate.name === first)
  if (command === undefined) {
    const near = nearestName(first, commandTable.map((candidate) => candidate.name))
    return { kind: 'fault', message: `there is no command ${first}${near === undefined ? '' : `; did you mean ${near}`}`, next: 'prescale --help' }
  }
  const options = [...command.options, ...globalOptions]
  const next = `prescale ${command.name} --help`
  const config = Object.fromEntries(
    options.map((option) => [
      option.long,
      {
        type: option.value === undefined ? ('boolean' as const) : ('string' as const),
        multiple: option.repeats !== undefined,
        ...(option.short === undefined ? {} : { short: option.short }),
      },
    ]),
  )
  try {
    const { values, positionals } = parseArgs({ args: [...rest], options: config, allowPositionals: true, strict: true })
    if (values['help'] === true) return { kind: 'help', command }
    const missing = command.arguments.filter((argument) => argument.required === 'required')[positionals.length]
    if (missing !== undefined) return { kind: 'fault', message: `${missing.name} is missing: ${missing.summary}`, next }
    const extra = positionals[command.arguments.length]
    if (extra !== undefined) return { kind: 'fault', message: `${command.name} takes no argument ${extra}`, next }
    for (const [index, { name, choices }] of command.arguments.entries()) {
      const given = positionals[index]
      if (choices !== undefined && given !== undefined && !choices.includes(given)) {
        return { kind: 'fault', message: `${name} is ${given}, expected one of ${choices.join(', ')}`, next }
      }
    }
    for (const option of options) {
      const value = values[option.long]
      if (option.required !== undefined && value === undefined) return { kind: 'fault', message: `--${option.long} is missing: ${option.summary}`, next }
      if (option.choices !== undefined && value !== undefined && !option.choices.includes(String(value))) {
        return { kind: 'fault', message: `--${option.long} is ${String(value)}, expected one of ${option.choices.join(', ')}`, next }
      }
    }
    return { kind: 'run', invocation: { command, positionals, options: values as Invocation['options'] } }
  } catch (error) {
    const unknown = /Unknown option '--?([^']+)'/.exec(String(error))?.[1]
    if (unknown === undefined) return { kind: 'fault', message: String((error as Error).message).split('\n')[0] ?? '', next }
    const near = nearestName(unknown, options.map((option) => option.long))
    return { kind: 'fault', message: `${command.name} has no option --${unknown}${near === undefined ? '' : `; did you mean --${near}`}`, next }
  }
}
