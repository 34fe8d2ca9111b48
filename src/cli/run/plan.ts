import { historyStep } from '../../app/steps/history-step.ts'
import { readForecasts } from '../../app/steps/forecast-step.ts'
import { planStep } from '../../app/steps/plan-step.ts'
import { exitCodes } from '../../domain/problem.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, outputFor } from '../output.ts'
import { planNotes, planTable, plannedNodes } from '../render/plan.ts'

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const forecasts = readForecasts(project)
  const outcome = await planStep(project, await historyStep(project), forecasts)
  output.document(outcome)
  output.lines([...planTable(outcome.plan, plannedNodes(outcome.states)), '', ...planNotes(outcome), nextLine('prescale preview', 'git diff stacks/')])
  return outcome.written.length > 0 && invocation.options['detailed-exitcode'] === true ? exitCodes.changesPresent : exitCodes.done
}
