import { execFile, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** How a command ended and what it printed. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs one command line in a folder that need not hold a project.
 * @param started  gets the process, for example to end it midway
 */
export function runPrescale(directory: string, words: readonly string[], started: (child: ChildProcess) => void = () => undefined): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [join(root, 'bin', 'prescale.mjs'), ...words], { cwd: directory, env: { ...process.env, NO_COLOR: '1' }, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      if (typeof code === 'number') resolve({ code, stdout, stderr })
      else reject(error ?? new Error('the command did not end'))
    })
    started(child)
  })
}
