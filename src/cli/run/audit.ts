import { readAudit } from '../../app/audit.ts'
import { exitCodes, Problem } from '../../domain/problem.ts'
import { textOption } from '../arguments.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { outputFor, styled } from '../output.ts'

const usualEntries = 20

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const given = textOption(invocation, 'last')
  const most = given === undefined ? usualEntries : Number(given)
  if (!Number.isSafeInteger(most) || most < 1) throw new Problem('option-unusable', { option: 'last', given: given ?? '', expected: 'a number of entries from 1', command: 'audit' })
  const entries = await readAudit(project, most)
  output.document(entries)
  output.lines(entries.length === 0 ? ['nothing yet'] : entries.map(({ at, kind, by, what }) => `${styled('dim', at)}  ${kind.padEnd(13)}  ${by}  ${what}`))
  return exitCodes.done
}
