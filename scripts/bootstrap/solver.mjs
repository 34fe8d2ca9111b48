import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { runLogged } from './command.mjs'
import { cacheFolder, root, runtimeNode } from './places.mjs'

const script = join(root, 'scripts', 'compile-solver.ts')
const folder = join(cacheFolder, 'compiled')

/** @param {string} node @returns {Promise<boolean>} */
function isThere(node) {
  return new Promise((done) => {
    const child = spawn(node, [script, folder, '--look'], { stdio: 'ignore' })
    child.once('error', () => done(false)).once('close', (code) => done(code === 0))
  })
}

/**
 * Keeps the linear solver's optimised machine code, so that no plan waits until V8 has made it again.
 * @param {import('./progress.mjs').Step} step
 * @param {Promise<unknown>} packages settles when node_modules is complete
 * @returns {Promise<string | undefined>} why there is none: plans are the same without it, and take some tenths of a second longer
 */
export async function compileSolver(step, packages) {
  await packages
  const node = runtimeNode()
  if (node === undefined || (await isThere(node))) return undefined
  step.begin('compiling the linear solver', '20 s')
  try {
    await runLogged(node, [script, folder], { log: join(cacheFolder, 'logs', 'solver.log'), timeoutSeconds: 300, what: 'compiling the linear solver', next: 'npm run set-up' })
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
