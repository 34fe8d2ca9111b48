import { exitCodes, type ExitCode, Problem } from '../domain/problem.ts'
import type { ComparedPlan, FrontierPoint } from '../plan/compare-variants.ts'
import type { PlanProblem } from '../plan/problem.ts'
import { type Invocation, listOption } from './arguments.ts'
import { outputFor } from './output.ts'
import { figure, usd } from './render/figures.ts'
import { table } from './table.ts'

/** Whether `plan` is asked to compare: then it writes nothing. */
export function isComparison(invocation: Invocation): boolean {
  return invocation.options['frontier'] === true || listOption(invocation, 'what-if').length > 0
}

/** Plans the problem as `--what-if` or `--frontier` asks and prints the plans side by side. */
export async function comparePrinted(invocation: Invocation, problem: PlanProblem): Promise<ExitCode> {
  const texts = listOption(invocation, 'what-if')
  const isFrontier = invocation.options['frontier'] === true
  if (isFrontier && texts.length > 0) throw new Problem('option-unusable', { option: 'frontier', given: 'given', expected: 'no --what-if beside it', command: 'plan' })
  const { comparePlans, planFrontier } = await import('../app/plan-file.ts')
  const output = outputFor(invocation)
  if (isFrontier) {
    const points = await planFrontier(problem)
    output.document(points)
    output.lines([...frontierTable(points), '', 'nothing was written; the plan in force is the row of weight 1'])
  } else {
    const plans = await comparePlans(problem, texts)
    output.document(plans)
    output.lines([...comparisonTable(plans), '', `over ${Number(((problem.steps * problem.stepSeconds) / 3600).toFixed(1))} h; nothing was written`])
  }
  return exitCodes.done
}

function comparisonTable(plans: readonly ComparedPlan[]): string[] {
  return table(
    [
      { title: 'what if', align: 'left' },
      { title: '$/h now', align: 'right' },
      { title: 'total $', align: 'right' },
      { title: 'change', align: 'right' },
      { title: 'peak nodes', align: 'right' },
      { title: 'steps short', align: 'right' },
    ],
    plans.map(({ name, usdPerHourNow, totalUsd, costRatio, peakNodes, shortSteps }, index) => [
      name,
      usd(usdPerHourNow),
      usd(totalUsd),
      index === 0 ? '' : `${costRatio < 1 ? '-' : '+'}${Math.abs(100 * (costRatio - 1)).toFixed(1)} %`,
      String(peakNodes),
      String(shortSteps),
    ]),
  )
}

function frontierTable(points: readonly FrontierPoint[]): string[] {
  return table(
    [
      { title: 'weight of latency', align: 'right' },
      { title: 'billed $', align: 'right' },
      { title: 'mean round trip ms', align: 'right' },
    ],
    points.map(({ latencyWeight, billedUsd, meanLatencyMs }) => [String(latencyWeight), usd(billedUsd), figure(meanLatencyMs)]),
  )
}
