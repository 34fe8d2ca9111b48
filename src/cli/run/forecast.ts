import { forecastStep } from '../../app/steps/forecast-step.ts'
import { historyStep } from '../../app/steps/history-step.ts'
import { forecastTable as writeTable } from '../../app/table/forecast-table.ts'
import { subjectName } from '../../domain/forecast.ts'
import { exitCodes } from '../../domain/problem.ts'
import { textOption } from '../arguments.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, outputFor } from '../output.ts'
import { forecastNotes, forecastTable } from '../render/forecast.ts'
import { tableNotes } from '../render/table-forecast.ts'

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const file = textOption(invocation, 'table')
  if (file !== undefined) {
    const made = await writeTable(project, file)
    output.document(made)
    output.lines(tableNotes(made))
    return exitCodes.done
  }
  const { upToOrigin } = await historyStep(project)
  const outcome = await forecastStep(project, upToOrigin)
  output.document(outcome)
  output.lines([...forecastTable(outcome.subjects), '', ...forecastNotes(outcome), nextLine('prescale plan', ...outcome.subjects.slice(0, 1).map(({ subject }) => `prescale explain ${subjectName(subject)}`))])
  return outcome.written.length > 0 && invocation.options['detailed-exitcode'] === true ? exitCodes.changesPresent : exitCodes.done
}
