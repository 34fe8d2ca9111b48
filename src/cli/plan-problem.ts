import { planProblemFile, readProblem } from '../app/plan-file.ts'
import { processWorld } from '../app/world.ts'
import { exitCodes, type ExitCode } from '../domain/problem.ts'
import { type Invocation, textOption } from './arguments.ts'
import { comparePrinted, isComparison } from './compare-plans.ts'
import { narratorFor } from './narrator.ts'
import { outputFor } from './output.ts'
import { conflictLines } from './render/conflicts.ts'
import { counted, figure, usd } from './render/figures.ts'

/** `prescale plan --problem`: plans or compares what a file states; needs no project. */
export async function planProblem(invocation: Invocation, signal: AbortSignal): Promise<ExitCode> {
  const world = processWorld(narratorFor(process.stderr), signal)
  const output = outputFor(invocation)
  const file = textOption(invocation, 'problem') ?? ''
  if (isComparison(invocation)) return comparePrinted(invocation, readProblem(world, file), world)
  const out = textOption(invocation, 'out')
  const planned = await planProblemFile(world, file, out)
  output.document(planned)
  output.lines([
    `problem  ${planned.instance}`,
    `cost     ${usd(planned.cost.total)} $: nodes ${usd(planned.cost.nodes)}, starts ${usd(planned.cost.starts)}, routing ${usd(planned.cost.routing)}, paid anyway ${usd(planned.cost.sunk)}`,
    `bound    ${usd(planned.lowerBound)} $, gap ${planned.gapPercent === undefined ? '?' : `${planned.gapPercent.toFixed(3)} %`}`,
    `nodes    ${planned.peakNodes} at most`,
    `short    ${planned.shortSteps === 0 ? 'never' : `${counted(planned.shortSteps, 'step')}${planned.isShortInEveryPlan ? '; no plan would carry all' : ''}`}`,
    ...planned.conflicts.flatMap((conflict) => conflictLines(conflict, `step ${conflict.step}`)),
    `took     ${figure(planned.wallSeconds)} s, ${figure(planned.cpuSeconds)} s of CPU, ${planned.peakMemoryMib} MiB`,
    ...(out === undefined ? [] : [`written  ${out}`]),
  ])
  if (planned.shortSteps === 0 || invocation.options['detailed-exitcode'] !== true) return exitCodes.done
  return planned.isShortOnlyAfterFailure ? exitCodes.demandShortAfterFailure : exitCodes.demandShort
}
