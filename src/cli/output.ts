import { styleText } from 'node:util'
import type { Invocation } from './arguments.ts'

/** Prints an answer: lines for people, or with `--json` one document. */
export interface Output {
  readonly json: boolean
  /** Lines of the answer; silent with `--json`. */
  lines(lines: readonly string[]): void
  /** The answer as data; silent without `--json`. */
  document(value: unknown): void
}

/** @returns standard output as the invocation asks for it */
export function outputFor(invocation: Invocation): Output {
  const json = invocation.options['json'] === true
  return {
    json,
    lines: (lines) => {
      if (!json) process.stdout.write(lines.map((line) => `${line}\n`).join(''))
    },
    document: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value, plain, 2)}\n`)
    },
  }
}

/** Typed arrays as lists, what was never measured as null. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Float64Array) return Array.from(value)
  return typeof value === 'number' && !Number.isFinite(value) ? null : value
}

type Style = Parameters<typeof styleText>[0]

/** @returns `text` in a style, where standard output shows colour */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

/** @returns a section's title, as every command prints it */
export function title(text: string): string {
  return styled('bold', text)
}

/** @returns the line that says which command comes next */
export function nextLine(...commands: readonly string[]): string {
  return `${styled('dim', 'next')}  ${commands.join(styled('dim', '  or  '))}`
}
