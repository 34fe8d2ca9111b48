import { exportTerraform } from '../../app/export-terraform.ts'
import { exitCodes } from '../../domain/problem.ts'
import { textOption } from '../arguments.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, outputFor } from '../output.ts'
import { counted } from '../render/figures.ts'

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const exported = exportTerraform(project, textOption(invocation, 'out') ?? 'terraform')
  output.document(exported)
  output.lines([...exported.written, `${counted(exported.pools, 'pool')}, ${counted(exported.written.length, 'file')} written`, nextLine('terraform plan')])
  return exitCodes.done
}
