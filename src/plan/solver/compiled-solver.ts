import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInThisContext } from 'node:vm'

/** A compiled `WebAssembly.Module`, here only handed on: Node has it, and leaves its type to those of browsers. */
export type SolverModule = object

/** The same of an instance. */
interface SolverInstance {
  readonly exports: object
}

const { WebAssembly } = globalThis as unknown as {
  WebAssembly: { readonly Module: new (bytes: Uint8Array) => SolverModule; readonly Instance: new (module: SolverModule, imports: object) => SolverInstance }
}

/**
 * Roughly how many bytes a function of the solver runs through before V8 compiles it again, optimised. Three times V8's own budget: a plan that takes less
 * than a second does not earn back what hundreds of functions cost a second core.
 */
const tieringBudget = 40_000_000

/** To be called before code is written or read: V8 takes only what was compiled with the flags of now. */
export function setSolverFlags(): void {
  setFlagsFromString(`--wasm-tiering-budget=${tieringBudget}`)
}

/** The V8 whose own functions are known to write and read code as is done here; with another the solver is compiled while it runs, as if nothing were kept. */
const knownV8 = '13.6.'
const digestBytes = 32

const sha256 = (...parts: readonly Uint8Array[]): Buffer => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

/** V8's flags are those of all threads: another one may take the word back while one is about to use it. */
const attempts = 5

/** Calls a function that V8 has for itself: the word that it is known by is no JavaScript, unless a flag says so while it is read. */
function callV8(name: string, ...args: readonly unknown[]): unknown {
  setFlagsFromString('--allow-natives-syntax')
  try {
    const call = runInThisContext(`(...given) => %${name}(${args.map((_, position) => `given[${position}]`).join(', ')})`) as (...given: readonly unknown[]) => unknown
    return call(...args)
  } finally {
    setFlagsFromString('--no-allow-natives-syntax')
  }
}

/** What the solver's loader calls, where it is given, instead of reading and compiling the solver's file. */
export interface Instantiation {
  readonly instantiateWasm: (imports: object, receive: (instance: SolverInstance) => unknown) => object
}

/**
 * Has the loader take a module that there is already. Its types name `wasmModule` for that, which it does not read.
 * @see Emscripten's `Module.instantiateWasm`
 */
export function instantiationOf(module: SolverModule): Instantiation {
  return {
    instantiateWasm(imports, receive) {
      const instance = new WebAssembly.Instance(module, imports)
      receive(instance)
      return instance.exports
    },
  }
}

const solverFile = createRequire(import.meta.url).resolve('highs/runtime')

/** The solver as it comes, to be compiled while it runs, and optimised where it runs long. */
export function uncompiledSolver(): SolverModule {
  return new WebAssembly.Module(readFileSync(solverFile))
}

/** Where in a folder the code is that this Node has of this solver; undefined where it keeps none. */
export function compiledFile(folder: string): string | undefined {
  const { versions, arch } = process
  return versions.v8.startsWith(knownV8) ? join(folder, `solver-${versions.v8}-${arch}`) : undefined
}

/**
 * Writes the machine code of what has run long enough to be optimised, after a digest of it and of the solver.
 * @param module  that has run: without any optimised function V8 ends the process
 */
export function writeCompiled(module: SolverModule, file: string): void {
  const code = new Uint8Array(callV8('SerializeWasmModule', module) as ArrayBuffer)
  writeFileSync(file, Buffer.concat([sha256(readFileSync(solverFile), code), code]))
}

/**
 * The solver with the code that was written of it, so that a plan of a second does not spend half of that on slower code and on compiling.
 * @returns undefined where the file is missing, damaged, of another solver, or of another V8, its flags or its processor, which V8 itself knows
 */
export function readCompiled(file: string): SolverModule | undefined {
  if (!existsSync(file)) return undefined
  const [solver, kept] = [readFileSync(solverFile), readFileSync(file)]
  const code = Uint8Array.from(kept.subarray(digestBytes))
  if (!sha256(solver, code).equals(kept.subarray(0, digestBytes))) return undefined
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      const module = callV8('DeserializeWasmModule', code.buffer, Uint8Array.from(solver)) as SolverModule | undefined
      if (module !== undefined) return module
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
    }
  }
  return undefined
}
