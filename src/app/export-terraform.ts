import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { terraformVariables } from '../documents/terraform-variables.ts'
import { readIfThere, writeAtomically } from '../store/atomic-file.ts'
import type { Project } from './project.ts'
import { readDesiredStates } from './stacks.ts'

/** An example of how the variables are used: the user's own from then on. */
const moduleFiles = ['variables.tf', 'aws.tf', 'gcp.tf', 'azure.tf', 'eks.tf', 'gke.tf', 'aks.tf'] as const
const variablesFile = 'prescale.auto.tfvars.json'

export interface TerraformExport {
  /** Files whose text changed. */
  readonly written: readonly string[]
  readonly pools: number
}

/**
 * Writes the desired states as variables of Terraform, and beside them, where they are not there yet, modules that use them.
 * @param directory  relative to the working directory; made when missing
 * @throws Problem `file-missing`, `input-invalid`, `plan-edited`
 */
export function exportTerraform(project: Project, directory: string): TerraformExport {
  const states = readDesiredStates(project, undefined)
  const target = resolve(project.world.cwd, directory)
  const examples = fileURLToPath(new URL('../../examples/terraform', import.meta.url))
  const modules = moduleFiles.filter((file) => {
    const path = join(target, file)
    return readIfThere(path) === undefined && writeAtomically(path, readFileSync(join(examples, file), 'utf8')) === 'written'
  })
  const isNew = writeAtomically(join(target, variablesFile), terraformVariables(states)) === 'written'
  return {
    written: [...(isNew ? [variablesFile] : []), ...modules].map((file) => join(directory, file)),
    pools: states.reduce((sum, state) => sum + state.pools.length, 0),
  }
}
