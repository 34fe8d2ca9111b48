import type { SandboxSummary } from '../../sandbox/sandbox-cloud.ts'
import { table } from '../table.ts'
import { dayAndTime, figure, span, usd } from './figures.ts'

/** @returns the sandbox’s time, nodes and bill, and what was served since its start */
export function sandboxLines(summary: SandboxSummary): string[] {
  const { nodes } = summary
  const workloads = Object.entries(summary.service)
  return [
    `sandbox  ${dayAndTime(summary.nowSeconds)}, ${span(summary.nowSeconds - summary.startSeconds)} since its start`,
    `nodes    ${nodes.ready} ready, ${nodes.ordered + nodes.booting} on the way, ${nodes.draining} draining; ${usd(summary.usdPerHour)} $/h, ${usd(summary.usdSpent)} $ since the start`,
    ...(workloads.length === 0
      ? []
      : table(
          [
            { title: 'workload', align: 'left' },
            { title: 'asked for', align: 'right' },
            { title: 'served', align: 'right' },
            { title: 'dropped', align: 'right' },
          ],
          workloads.map(([workload, totals]) => [
            workload,
            figure(totals.demand),
            totals.demand > 0 ? `${((100 * totals.served) / totals.demand).toFixed(2)} %` : '?',
            figure(totals.dropped),
          ]),
        )),
  ]
}
