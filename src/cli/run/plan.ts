import { exitCodes, type ExitCode, Problem } from '../../domain/problem.ts'
import { type Invocation, textOption } from '../arguments.ts'
import { comparePrinted, isComparison } from '../compare-plans.ts'
import type { CommandRun } from '../main.ts'

/** A problem in a file is planned without what a project needs: only what runs is loaded. */
export const run: CommandRun = async (invocation, signal) => {
  refuseMixtures(invocation)
  if (textOption(invocation, 'problem') !== undefined) return (await import('../plan-problem.ts')).planProblem(invocation, signal)
  return planProject(invocation, signal)
}

async function planProject(invocation: Invocation, signal: AbortSignal): Promise<ExitCode> {
  const [{ historyStep }, { readForecasts }, { currentProblem, planStep, savePlanProblem }, { projectOf }, { nextLine, outputFor }, { planNotes, planTable, plannedNodes }] = await Promise.all([
    import('../../app/steps/history-step.ts'),
    import('../../app/steps/forecast-step.ts'),
    import('../../app/steps/plan-step.ts'),
    import('../open-project.ts'),
    import('../output.ts'),
    import('../render/plan.ts'),
  ])
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const forecasts = readForecasts(project)
  const history = await historyStep(project)
  if (isComparison(invocation)) return comparePrinted(invocation, await currentProblem(project, history, forecasts), project.world)
  const outcome = await planStep(project, history, forecasts)
  const file = textOption(invocation, 'save-problem')
  if (file !== undefined) await savePlanProblem(project, file)
  output.document(outcome)
  output.lines([
    ...planTable(outcome.plan, plannedNodes(outcome.states)),
    '',
    ...planNotes(outcome),
    ...(file === undefined ? [] : [`problem  ${file}`]),
    nextLine('prescale preview', 'git diff stacks/'),
  ])
  if (invocation.options['detailed-exitcode'] !== true) return exitCodes.done
  const { shortages } = outcome.plan
  if (shortages.length > 0) return shortages.every(({ onlyAfter }) => onlyAfter !== undefined) ? exitCodes.demandShortAfterFailure : exitCodes.demandShort
  return outcome.written.length > 0 ? exitCodes.changesPresent : exitCodes.done
}

/** Options that say contrary things about what is planned and written. */
function refuseMixtures(invocation: Invocation): void {
  const given = (option: string): string | undefined => textOption(invocation, option)
  const refuse = (option: string, expected: string): never => {
    throw new Problem('option-unusable', { option, given: given(option) ?? 'given', expected, command: 'plan' })
  }
  const comparison = isComparison(invocation)
  if (given('out') !== undefined && (given('problem') === undefined || comparison)) refuse('out', '--problem beside it, and none of --what-if, --ablation and --frontier')
  if (given('save-problem') !== undefined && (given('problem') !== undefined || comparison)) refuse('save-problem', 'none of --problem, --what-if, --ablation and --frontier beside it')
}
