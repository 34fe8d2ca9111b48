import { exitCodes, type ExitCode, Problem } from '../domain/problem.ts'
import type { ComparedPlan, FrontierPoint } from '../plan/compare-variants.ts'
import type { PlanProblem } from '../plan/problem.ts'
import { type Invocation, listOption } from './arguments.ts'
import { outputFor } from './output.ts'
import { figure, percent, usd } from './render/figures.ts'
import { table } from './table.ts'

/** Whether `plan` is asked to compare: then it writes nothing. */
export function isComparison(invocation: Invocation): boolean {
  return invocation.options['frontier'] === true || invocation.options['ablation'] === true || listOption(invocation, 'what-if').length > 0
}

/** Plans the problem as `--what-if`, `--ablation` or `--frontier` asks and prints the plans side by side. */
export async function comparePrinted(invocation: Invocation, problem: PlanProblem, signal: AbortSignal): Promise<ExitCode> {
  const texts = listOption(invocation, 'what-if')
  const isFrontier = invocation.options['frontier'] === true
  const isAblation = invocation.options['ablation'] === true
  if ((isFrontier && (texts.length > 0 || isAblation)) || (isAblation && texts.length > 0)) {
    throw new Problem('option-unusable', { option: isFrontier ? 'frontier' : 'ablation', given: 'given', expected: `no ${texts.length > 0 ? '--what-if' : '--ablation'} beside it`, command: 'plan' })
  }
  const { comparePlans, planAblation, planFrontier } = await import('../app/plan-file.ts')
  const output = outputFor(invocation)
  if (isFrontier) {
    const points = await planFrontier(problem, signal)
    output.document(points)
    output.lines([...frontierTable(points), '', 'nothing was written; the first row is the plan as it is'])
  } else {
    const plans = isAblation ? await planAblation(problem, signal) : await comparePlans(problem, texts, signal)
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
      index === 0 ? '' : changeText(costRatio),
      String(peakNodes),
      String(shortSteps),
    ]),
  )
}

function frontierTable(points: readonly FrontierPoint[]): string[] {
  return table(
    [
      { title: 'latency', align: 'right' },
      { title: 'utilisation', align: 'right' },
      { title: 'spot', align: 'right' },
      { title: 'billed $', align: 'right' },
      { title: 'change', align: 'right' },
      { title: 'round trip ms', align: 'right' },
      { title: 'of it spot', align: 'right' },
      { title: 'steps short', align: 'right' },
    ],
    points.map(({ latencyWeight, utilisation, spotWeight, billedUsd, meanLatencyMs, spotShare, shortSteps }, index) => [
      `x${latencyWeight}`, percent(utilisation), `x${spotWeight}`, usd(billedUsd), index === 0 ? '' : changeText(billedUsd / (points[0]?.billedUsd ?? NaN)), figure(meanLatencyMs), percent(spotShare), String(shortSteps),
    ]),
  )
}

function changeText(ratio: number): string {
  return `${ratio < 1 ? '-' : '+'}${Math.abs(100 * (ratio - 1)).toFixed(1)} %`
}
