import { historyReasons, historyStep, saveHistory } from '../../app/steps/history-step.ts'
import { seriesName } from '../../domain/history.ts'
import { exitCodes } from '../../domain/problem.ts'
import { textOption } from '../arguments.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, outputFor, styled } from '../output.ts'
import { historyTable } from '../render/history.ts'

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const outcome = await historyStep(project)
  const wanted = invocation.positionals[0]
  const series = outcome.measured.series.filter((one) => wanted === undefined || seriesName(one).startsWith(wanted))
  const shown = { ...outcome.measured, series }
  const out = textOption(invocation, 'out')
  if (out !== undefined) saveHistory(project, out, shown)
  output.document({ source: outcome.source, asOf: outcome.asOfSeconds, ruling: outcome.ruling, ...shown })
  const ruling = historyReasons(outcome).map((reason) => `${styled('yellow', 'held')}  ${reason}`)
  output.lines([
    ...historyTable(shown, outcome.asOfSeconds),
    '',
    ...ruling,
    `${shown.grid.length} steps of ${shown.grid.stepSeconds / 60} min, hash ${shown.hash}${out === undefined ? '' : `, written to ${out}`}`,
    nextLine('prescale forecast'),
  ])
  return outcome.ruling.kind === 'hold' ? exitCodes.refused : exitCodes.done
}
