import { execFile } from 'node:child_process'
import { homedir } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { World } from '../world.ts'
import type { CommandOutput, DoctorContext } from './check.ts'

const longestRunMs = 20_000

/**
 * The outside of a process, as checks see it.
 * @param root          folder of prescale.yaml, absolute
 * @param settingsFile  absolute
 */
export function doctorContext(world: World, root: string, settingsFile: string): DoctorContext {
  return {
    root,
    settingsFile,
    installation: fileURLToPath(new URL('../../..', import.meta.url)),
    env: world.env,
    home: world.env['HOME'] ?? homedir(),
    nodeVersion: process.versions.node,
    now: () => world.now(),
    fetch,
    run: (command, args, env) => runInFolder(root, command, args, { ...world.env, ...env }, world.signal),
    signal: world.signal,
  }
}

function runInFolder(
  cwd: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<CommandOutput> {
  return new Promise((resolve) => {
    execFile(command, [...args], { cwd, env, signal, timeout: longestRunMs }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined
      resolve({ code, stdout, stderr })
    })
  })
}
