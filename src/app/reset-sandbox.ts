import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { SandboxCloud } from '../sandbox/sandbox-cloud.ts'
import type { Project } from './project.ts'

/** Takes the simulated clouds back to their start, and with them all that prescale and the engine believe of them. */
export async function resetSandbox(project: Project, sandbox: SandboxCloud): Promise<void> {
  sandbox.reset()
  await (await project.coordination()).forget()
  for (const folder of ['pulumi', 'store', 'pages', 'leases']) rmSync(join(project.root, '.prescale', folder), { recursive: true, force: true })
}
