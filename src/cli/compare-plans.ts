import type { Watch } from '../app/plan-file.ts'
import { exitCodes, type ExitCode, Problem } from '../domain/problem.ts'
import type { Comparison, FrontierPoint } from '../plan/compare-variants.ts'
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
export async function comparePrinted(invocation: Invocation, problem: PlanProblem, watch: Watch): Promise<ExitCode> {
  const texts = listOption(invocation, 'what-if')
  const isFrontier = invocation.options['frontier'] === true
  const isAblation = invocation.options['ablation'] === true
  if ((isFrontier && (texts.length > 0 || isAblation)) || (isAblation && texts.length > 0)) {
    throw new Problem('option-unusable', { option: isFrontier ? 'frontier' : 'ablation', given: 'given', expected: `no ${texts.length > 0 ? '--what-if' : '--ablation'} beside it`, command: 'plan' })
  }
  const { comparePlans, planAblation, planFrontier } = await import('../app/plan-file.ts')
  const output = outputFor(invocation)
  if (isFrontier) {
    const points = await planFrontier(problem, watch)
    output.document(points)
    output.lines([...frontierTable(points), '', 'nothing was written; the first row is the plan as it is'])
  } else {
    const plans = isAblation ? await planAblation(problem, watch) : await comparePlans(problem, texts, watch)
    output.document(plans)
    const left = plans.flatMap((plan) => ('isTooLarge' in plan ? [`${plan.name}: couples steps of a problem that is too large to be planned as one`] : []))
    output.lines([...comparisonTable(plans), '', ...left, `over ${Number(((problem.steps * problem.stepSeconds) / 3600).toFixed(1))} h; nothing was written`])
  }
  return exitCodes.done
}

/** Figures of a plan that was not made. */
const unknown = ['?', '?', '?', '?', '?']

function comparisonTable(plans: readonly Comparison[]): string[] {
  return table(
    [
      { title: 'what if', align: 'left' },
      { title: '$/h now', align: 'right' },
      { title: 'total $', align: 'right' },
      { title: 'change', align: 'right' },
      { title: 'peak nodes', align: 'right' },
      { title: 'steps short', align: 'right' },
    ],
    plans.map((plan, index) => ('isTooLarge' in plan ? [plan.name, ...unknown] : [
      plan.name,
      usd(plan.usdPerHourNow),
      usd(plan.totalUsd),
      index === 0 ? '' : changeText(plan.costRatio),
      String(plan.peakNodes),
      String(plan.shortSteps),
    ])),
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
