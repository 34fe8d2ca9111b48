import { projectStatus } from '../../app/status.ts'
import { exitCodes } from '../../domain/problem.ts'
import { rfc3339 } from '../../domain/grid.ts'
import type { Claim, StackQueue } from '../../domain/coordination.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, outputFor, styled, title } from '../output.ts'
import { dayAndTime, usd } from '../render/figures.ts'
import { table } from '../table.ts'

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const status = await projectStatus(project)
  output.document({ ...status, plan: status.plan?.id, sandbox: project.sandbox?.summary() })
  const shown = status.pools.filter((pool) => pool.desired > 0 || (pool.live ?? 0) > 0 || pool.state === 'drifted')
  const sum = (pick: (pool: (typeof shown)[number]) => number | undefined): string => String(shown.reduce((total, pool) => total + (pick(pool) ?? 0), 0))
  output.lines([
    `${title(project.settings.name)}  ${dayAndTime(status.atSeconds)}${project.sandbox === undefined ? '' : ' by the sandbox’s clock'}`,
    status.plan === undefined ? 'no plan yet' : `plan ${status.plan.id} from ${rfc3339(status.plan.originSeconds)}`,
    '',
    ...table(
      [
        { title: 'pool', align: 'left' },
        { title: 'wanted', align: 'right' },
        { title: 'live', align: 'right' },
        { title: 'ready', align: 'right' },
        { title: '$/h', align: 'right' },
        { title: 'state', align: 'left' },
      ],
      [
        ...shown.map((pool) => [
          pool.pool,
          String(pool.scheduled ?? pool.desired),
          String(pool.live ?? '?'),
          String(pool.ready ?? '?'),
          usd(pool.usdPerHour),
          pool.state === 'reached' ? 'reached' : styled(pool.state === 'drifted' ? 'red' : 'yellow', pool.state),
        ]),
        ['total', sum((pool) => pool.scheduled ?? pool.desired), sum((pool) => pool.live), sum((pool) => pool.ready), usd(shown.reduce((total, pool) => total + pool.usdPerHour, 0)), ''],
      ],
    ),
    ...status.drifts.map((drift) => `${styled('red', 'drift')}  ${drift.sentence} since ${rfc3339(Math.floor(drift.sinceSeconds))}`),
    ...status.autoscalers.map(({ pool, autoscaler }) => `${styled('yellow', 'note')}  ${pool}: the autoscaler ${autoscaler} acts on it too; set owns: bounds to leave the count to it`),
    ...status.halts.map((sentence) => `${styled('red', 'halt')}  ${sentence}`),
    ...status.stalled.map(({ stack, reason }) => `${styled('red', 'stalled')}  ${stack}: ${reason}`),
    ...status.queues.map(queueLine),
    ...[...status.moves.map(({ sentence }) => sentence), ...status.handOvers].map((sentence) => `${styled('cyan', 'move')}  ${sentence}`),
    '',
    ...status.cycles.map((cycle) => `${cycle.at}  ${cycle.purpose}  ${cycle.nodes} nodes  ${usd(cycle.usdPerHour)} $/h  ${countKinds(Object.values(cycle.verdicts).map(({ kind }) => kind))}`),
    nextLine('prescale reconcile', 'prescale explain <pool>'),
  ])
  return exitCodes.done
}

function queueLine({ stack, holder, waiting }: StackQueue): string {
  const who = ({ purpose, pid, host, sinceSeconds }: Claim): string => `${purpose} (process ${pid} on ${host}, since ${rfc3339(Math.floor(sinceSeconds))})`
  const held = holder === undefined ? 'nobody holds it' : `held by ${who(holder)}`
  return `${styled('cyan', 'queue')}  ${stack}: ${held}${waiting.length === 0 ? '' : `; waiting: ${waiting.map(who).join(', ')}`}`
}

function countKinds(kinds: readonly string[]): string {
  return [...new Set(kinds)].map((kind) => `${kinds.filter((one) => one === kind).length} ${kind}`).join(', ')
}
