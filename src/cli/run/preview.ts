import { reviewNotes } from '../../app/review.ts'
import { previewStep } from '../../app/steps/preview-step.ts'
import { exitCodes } from '../../domain/problem.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, outputFor } from '../output.ts'
import { reviewMarkdown } from '../render/markdown.ts'
import { previewLines } from '../render/stacks.ts'

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const previews = await previewStep(project, invocation.positionals[0])
  output.document(previews.map(({ need, run: ran, waits }) => ({ ...need, run: ran, waits })))
  if (invocation.options['markdown'] === true) output.lines([reviewMarkdown({ previews, ...(await reviewNotes(project, previews)) })])
  else output.lines([...previewLines(previews), nextLine('prescale apply')])
  const runs = previews.flatMap((preview) => preview.run ?? [])
  const broken = runs.filter((ran) => ran.outcome !== 'succeeded')
  if (broken.length > 0) return broken.length === runs.length ? exitCodes.error : exitCodes.partlyDone
  const changes = runs.some(({ changes: { created, updated, replaced, deleted } }) => created + updated + replaced + deleted > 0)
  return changes && invocation.options['detailed-exitcode'] === true ? exitCodes.changesPresent : exitCodes.done
}
