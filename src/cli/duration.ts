import { exitCodes, type ExitCode } from '../domain/problem.ts'

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400 }

/** @returns seconds of `90s`, `5m`, `24h`, `2d`; undefined for anything else */
export function durationSeconds(text: string): number | undefined {
  const match = /^(\d+)([smhd])$/.exec(text)
  return match === null ? undefined : Number(match[1]) * (secondsPer[match[2] ?? ''] ?? 0)
}

/** Says that a duration was expected. @returns the exit code of bad input */
export function refuseDuration(text: string | undefined, example: string): ExitCode {
  process.stderr.write(`error usage: ${text ?? 'nothing'} is not a duration such as 90s, 5m, 24h or 2d\n  next: ${example}\n`)
  return exitCodes.badInput
}
