// Keeps the solver's machine code in the folder that is given, unless it is there: plans generated problems until what the solver runs in is optimised.
// With --look it only says, by exit code 0, whether there is nothing to do.
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { compiledFile, readCompiled, setSolverFlags, uncompiledSolver, writeCompiled } from '../src/plan/solver/compiled-solver.ts'

/** Of each kind of problem: with one a quarter of what matters is not optimised yet, with six no plan is sooner than with three. */
const seeds = 3
/** V8 optimises on other cores, after what is planned here. */
const optimisingMs = 3000

async function compile(folder: string, file: string): Promise<void> {
  const { generateInstance, instanceSizes } = await import('../bench/plan/generate-instance.ts')
  const { planInstance } = await import('../src/plan/plan-instance.ts')
  const { loadSolver } = await import('../src/plan/solver/highs.ts')
  const module = uncompiledSolver()
  const solver = await loadSolver(module)
  for (let seed = 1; seed <= seeds; seed++) {
    for (const [name, tight] of [['l', false], ['l', true], ['m', true], ['s', false]] as const) {
      await planInstance(generateInstance(name, instanceSizes[name], { derate: false, tight, committed: false }, seed), solver, new AbortController().signal)
    }
  }
  await setTimeout(optimisingMs)
  mkdirSync(folder, { recursive: true })
  const partial = `${file}.${process.pid}`
  writeCompiled(module, partial)
  renameSync(partial, file)
}

const [folder = '.', look] = process.argv.slice(2)
setSolverFlags()
const file = compiledFile(folder)
const isThere = file === undefined || (existsSync(file) && readCompiled(file) !== undefined)
if (look === '--look') process.exitCode = isThere ? 0 : 1
else if (!isThere) await compile(folder, file)
