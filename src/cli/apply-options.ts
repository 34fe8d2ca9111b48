import type { ApplyOptions } from '../app/steps/apply-step.ts'
import { Problem } from '../domain/problem.ts'
import { type Invocation, listOption, textOption } from './arguments.ts'
import { durationSeconds } from './duration.ts'

/** @returns how the stacks are applied, as the command line asks for it @throws Problem `option-unusable` */
export function applyOptions(invocation: Invocation): Omit<ApplyOptions, 'only'> {
  return {
    approved: listOption(invocation, 'approve'),
    overrides: { guards: listOption(invocation, 'override'), reason: textOption(invocation, 'reason') },
    waitSeconds: durationOption(invocation, 'wait') ?? 0,
    drift: invocation.options['repair'] === true ? 'repair' : undefined,
    purpose: `prescale ${invocation.command.name}`,
  }
}

/** @returns seconds; undefined where the option was not given @throws Problem `option-unusable` */
export function durationOption(invocation: Invocation, option: string): number | undefined {
  const given = textOption(invocation, option)
  if (given === undefined) return undefined
  const seconds = durationSeconds(given)
  if (seconds === undefined) throw new Problem('option-unusable', { option, given, expected: 'a duration such as 90s, 5m, 24h or 2d', command: invocation.command.name })
  return seconds
}
