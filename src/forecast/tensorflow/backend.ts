import { createRequire } from 'node:module'
import util from 'node:util'
import type * as tfjs from '@tensorflow/tfjs'
import { Problem } from '../../domain/problem.ts'

/** Which TensorFlow.js backend is asked for; `auto` takes the fastest that loads. */
export type BackendChoice = 'auto' | 'node' | 'wasm' | 'cpu'
export const backendChoices: readonly BackendChoice[] = ['auto', 'node', 'wasm', 'cpu']

/** Settings of the native library, to be put into the environment before the first load: errors only, one thread per operation. */
export const nativeEnvironment: Readonly<Record<string, string>> = {
  TF_CPP_MIN_LOG_LEVEL: '2',
  TF_ENABLE_ONEDNN_OPTS: '0',
  TF_NUM_INTRAOP_THREADS: '1',
  TF_NUM_INTEROP_THREADS: '1',
}

export interface LoadedBackend {
  readonly tf: typeof tfjs
  readonly kind: Exclude<BackendChoice, 'auto'>
  /** `tfjs-node (TensorFlow 2.18.1)`, or what runs instead, why, and how to get the fast one. */
  readonly description: string
}

const howToGetNode = '`npm run set-up` installs the native library'

/**
 * Loads TensorFlow.js, nothing of it before this is called.
 * @throws Problem `network-backend` when the backend that was asked for does not load
 */
export async function loadBackend(choice: BackendChoice): Promise<LoadedBackend> {
  switch (choice) {
    case 'node':
      try {
        return await loadNode()
      } catch (cause) {
        throw new Problem('network-backend', { backend: 'tfjs-node', reason: reasonOf(cause), how: howToGetNode }, { cause })
      }
    case 'wasm':
      try {
        return await loadWasm('tfjs wasm, as asked for')
      } catch (cause) {
        throw new Problem('network-backend', { backend: 'tfjs wasm', reason: reasonOf(cause), how: '`npm ci` installs it' }, { cause })
      }
    case 'cpu':
      return loadPlain('tfjs in plain JavaScript, as asked for')
    case 'auto':
      return loadFastest()
    default:
      return choice satisfies never
  }
}

async function loadFastest(): Promise<LoadedBackend> {
  let whyNotNode: string
  try {
    return await loadNode()
  } catch (cause) {
    whyNotNode = `tfjs-node did not load (${reasonOf(cause)}); ${howToGetNode}`
  }
  try {
    return await loadWasm(`tfjs wasm: ${whyNotNode}`)
  } catch {
    return loadPlain(`tfjs in plain JavaScript, slow: ${whyNotNode}`)
  }
}

async function loadNode(): Promise<LoadedBackend> {
  // tfjs-node 4.22.0 calls a function that Node 23 took away; without it the first reshape fails.
  const old = util as { isNullOrUndefined?: (value: unknown) => boolean; isArray?: (value: unknown) => boolean }
  old.isNullOrUndefined ??= (value) => value === null || value === undefined
  // and one that Node 24 warns of
  old.isArray = Array.isArray
  const { default: tf } = (await import('@tensorflow/tfjs-node')) as unknown as { default: typeof tfjs }
  await tf.setBackend('tensorflow')
  await tf.ready()
  const native = (tf.backend() as { binding?: { TF_Version?: string } }).binding
  return { tf, kind: 'node', description: `tfjs-node (TensorFlow ${native?.TF_Version ?? 'of unknown version'})` }
}

async function loadWasm(description: string): Promise<LoadedBackend> {
  const tf = await loadCore()
  const { setWasmPaths, setThreadsCount } = await import('@tensorflow/tfjs-backend-wasm')
  const binary = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm')
  setWasmPaths(binary.slice(0, binary.lastIndexOf('/') + 1))
  setThreadsCount(1)
  if (!(await tf.setBackend('wasm'))) throw new Error('the wasm backend could not be started')
  await tf.ready()
  return { tf, kind: 'wasm', description }
}

async function loadPlain(description: string): Promise<LoadedBackend> {
  const tf = await loadCore()
  await tf.setBackend('cpu')
  await tf.ready()
  return { tf, kind: 'cpu', description }
}

/** Production mode keeps the library from printing an advertisement for tfjs-node. */
async function loadCore(): Promise<typeof tfjs> {
  const loaded = (await import('@tensorflow/tfjs')) as unknown as { default?: typeof tfjs } & typeof tfjs
  const tf = loaded.default ?? loaded
  tf.enableProdMode()
  return tf
}

/** First line of what the loader said. */
function reasonOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split('\n')[0] ?? 'no reason given'
}
