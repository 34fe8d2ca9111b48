import { evaluate, type EvaluationRequest } from '../../app/evaluate.ts'
import { processWorld } from '../../app/world.ts'
import { exitCodes, Problem } from '../../domain/problem.ts'
import { type Invocation, textOption } from '../arguments.ts'
import { durationSeconds } from '../duration.ts'
import type { CommandRun } from '../main.ts'
import { narratorFor } from '../narrator.ts'
import { outputFor } from '../output.ts'
import { scoreTable } from '../render/evaluation.ts'

export const run: CommandRun = async (invocation, signal) => {
  const request = requestOf(invocation)
  const output = outputFor(invocation)
  const outcome = await evaluate(processWorld(narratorFor(process.stderr), signal), request)
  output.document(outcome)
  output.lines([...scoreTable(outcome), '', `network  ${outcome.backend}`, `written  ${outcome.out}`])
  return exitCodes.done
}

function requestOf(invocation: Invocation): EvaluationRequest {
  const stepSeconds = duration(invocation, 'step', '1h')
  const everySeconds = duration(invocation, 'every', '24h')
  const steps = (option: string, seconds: number): number => {
    if (seconds % stepSeconds === 0) return seconds / stepSeconds
    throw unusable(option, textOption(invocation, option) ?? '', `a multiple of the step, ${stepSeconds} s`)
  }
  return {
    data: textOption(invocation, 'data') ?? '',
    out: textOption(invocation, 'out') ?? '',
    test: textOption(invocation, 'test'),
    origins: textOption(invocation, 'origins'),
    stepSeconds,
    layout: {
      horizonSteps: steps('horizon', duration(invocation, 'horizon', '48h')),
      everySteps: steps('every', everySeconds),
      scoreLast: share(invocation, 'score-last', '20%'),
      minHistorySteps: Math.ceil(duration(invocation, 'min-history', '14d') / stepSeconds),
    },
    quantiles: quantileList(textOption(invocation, 'quantiles') ?? '0.1,0.5,0.9,0.95,0.99'),
  }
}

function unusable(option: string, given: string, expected: string): Problem {
  return new Problem('option-unusable', { option, given, expected, command: 'evaluate' })
}

function duration(invocation: Invocation, option: string, otherwise: string): number {
  const given = textOption(invocation, option) ?? otherwise
  const seconds = durationSeconds(given)
  if (seconds === undefined || seconds === 0) throw unusable(option, given, 'a duration such as 5m, 24h or 14d')
  return seconds
}

function share(invocation: Invocation, option: string, otherwise: string): number {
  const given = textOption(invocation, option) ?? otherwise
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(given)?.[1]
  if (percent === undefined || Number(percent) > 100) throw unusable(option, given, 'a share such as 20%')
  return Number(percent) / 100
}

function quantileList(given: string): readonly number[] {
  const quantiles = given.split(',').map((text) => (text.trim() === '' ? Number.NaN : Number(text)))
  if (!quantiles.every((quantile) => quantile > 0 && quantile < 1)) throw unusable('quantiles', given, 'numbers between 0 and 1 with commas between them')
  return [...new Set(quantiles)].sort((a, b) => a - b)
}
