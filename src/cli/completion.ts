import { bashCompletion } from './completion/bash.ts'
import { fishCompletion } from './completion/fish.ts'
import { zshCompletion } from './completion/zsh.ts'
import type { CommandSpec, OptionSpec } from './command-spec.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** Everything that a completion script is made from. */
export interface CommandLine {
  readonly commands: readonly CommandSpec[]
  /** Options of every command. */
  readonly globalOptions: readonly OptionSpec[]
}

/**
 * A shell's completion script. Names of stacks, series and pools are asked from `prescale __complete <kind>` at each key press.
 * @returns the script's text, the same for the same command line
 */
export function completionScript(shell: Shell, line: CommandLine): string {
  switch (shell) {
    case 'bash':
      return bashCompletion(line)
    case 'zsh':
      return zshCompletion(line)
    case 'fish':
      return fishCompletion(line)
    default:
      return shell satisfies never
  }
}
