import { adoptGroup } from '../../app/adopt.ts'
import { poolName } from '../../domain/pool.ts'
import { exitCodes } from '../../domain/problem.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, outputFor } from '../output.ts'
import { changesText } from '../render/stacks.ts'

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const [group = '', pool = ''] = invocation.positionals
  const mode = invocation.options['preview'] === true ? 'preview' : 'adopt'
  const adoption = await adoptGroup(project, group, pool, mode)
  const { min, desired, max } = adoption.pool
  output.document({ pool: poolName(adoption.pool), group: adoption.pool.group, nodes: { min, desired, max }, file: adoption.file, run: adoption.run })
  output.lines([
    `${group} ${mode === 'preview' ? 'would become' : 'is now'} ${poolName(adoption.pool)} with ${desired} nodes (${min} to ${max})`,
    `resources: ${changesText(adoption.run.changes)}; nothing is replaced or deleted`,
    nextLine(...(mode === 'preview' ? [`prescale adopt ${group} ${pool}`] : ['prescale plan', 'prescale preview'])),
  ])
  return exitCodes.done
}
