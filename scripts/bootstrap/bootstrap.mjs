import { delimiter, join } from 'node:path'
import { findEngine } from './engine.mjs'
import { findInfluxd } from './influxd.mjs'
import { installPackages } from './node-packages.mjs'
import { cacheFolder, commandFolder, runtimeNode } from './places.mjs'
import { showProgress } from './progress.mjs'
import { SetUpError } from './set-up-error.mjs'
import { compileSolver } from './solver.mjs'
import { findTensorflow } from './tensorflow.mjs'

/**
 * Makes the machine ready: packages, engine, TensorFlow and, for tests, InfluxDB; all at once where they do not need each other.
 * What is there already costs a look. Ends the process with a report when something is missing.
 * @param {{ for: 'demo' | 'tests' }} purpose tests need InfluxDB and do not put up with WebAssembly where TensorFlow can be had
 * @returns {Promise<{ node: string, env: Record<string, string> }>} the Node to run prescale with, and what to add to its environment
 */
export async function bootstrap(purpose) {
  const interrupted = () => process.exit(130)
  const ended = () => process.exit(143)
  process.once('SIGINT', interrupted).once('SIGTERM', ended)
  const progress = showProgress(process.stderr)
  try {
    const packages = progress.run('packages', installPackages, () => 'packages of package-lock.json are installed')
    const [engine, tensorflow, influxd, uncompiled] = await Promise.all([
      progress.run('engine', (step) => findEngine(step, packages), ({ version }) => `Pulumi ${version} is ready`),
      progress.run('tensorflow', (step) => orWebAssembly(purpose, findTensorflow(step, packages)), (found) =>
        found.kind === 'native' ? `TensorFlow ${found.version} is ready` : 'WebAssembly is used instead',
      ),
      purpose.for === 'tests'
        ? progress.run('influxd', (step) => findInfluxd(step, packages), ({ version }) => `influxd ${version} is ready`)
        : undefined,
      progress.run('solver', (step) => compileSolver(step, packages), (why) => (why === undefined ? 'the linear solver is compiled' : 'the linear solver is compiled anew for every plan')),
    ])
    if (uncompiled !== undefined) progress.note(`plans take some tenths of a second longer than they need: ${uncompiled}`)
    if (tensorflow.kind === 'wasm') progress.note(`forecasts run on WebAssembly, several times slower than with TensorFlow: ${tensorflow.why}`)
    const node = runtimeNode()
    if (node === undefined) {
      throw new SetUpError(`Node ${process.versions.node} cannot run TypeScript, and npm has no newer one for ${process.platform} ${process.arch}`, {
        next: 'install Node 24 (https://nodejs.org), then try again',
      })
    }
    return { node, env: environment(engine.folder, influxd?.file) }
  } catch (error) {
    progress.close()
    if (!(error instanceof SetUpError)) throw error
    process.stderr.write(`${error.report}\n`)
    process.exit(1)
  } finally {
    progress.close()
    process.off('SIGINT', interrupted).off('SIGTERM', ended)
  }
}

/**
 * @param {{ for: 'demo' | 'tests' }} purpose
 * @param {ReturnType<typeof findTensorflow>} found
 * @returns {ReturnType<typeof findTensorflow>}
 */
async function orWebAssembly(purpose, found) {
  try {
    return await found
  } catch (error) {
    if (purpose.for === 'tests' || !(error instanceof SetUpError)) throw error
    return { kind: 'wasm', why: error.log === undefined ? `${error.message}; ${error.next}` : `${error.message}, see ${error.log}` }
  }
}

/**
 * What prescale and its tests run with, besides the user's own environment.
 * @param {string} engineFolder
 * @param {string | undefined} influxd
 * @returns {Record<string, string>}
 */
function environment(engineFolder, influxd) {
  return {
    PATH: [commandFolder, engineFolder, process.env.PATH ?? ''].join(delimiter),
    NODE_COMPILE_CACHE: join(cacheFolder, 'compiled'),
    ...(influxd === undefined ? {} : { PRESCALE_INFLUXD: influxd }),
  }
}
