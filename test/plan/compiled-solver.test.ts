import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { generateInstance, instanceSizes } from '../../bench/plan/generate-instance.ts'
import { planInstance } from '../../src/plan/plan-instance.ts'
import type { PlannedInstance } from '../../src/plan/plan-instance.ts'
import { compiledFile, readCompiled, setSolverFlags, uncompiledSolver, writeCompiled } from '../../src/plan/solver/compiled-solver.ts'
import type { SolverModule } from '../../src/plan/solver/compiled-solver.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'

const planned = async (size: 'm' | 'l', module: SolverModule | undefined): Promise<PlannedInstance> =>
  planInstance(generateInstance(size, instanceSizes[size], { derate: false, tight: true, committed: false }, 1), await loadSolver(module), new AbortController().signal)

/** How often a thread reads, while others do the same. */
const readings = 30

/** @returns how often a thread of its own got the code */
async function readInThread(file: string): Promise<number> {
  const module = new URL('../../src/plan/solver/compiled-solver.ts', import.meta.url).href
  const thread = new Worker(`
    const { parentPort } = require('node:worker_threads')
    import(${JSON.stringify(module)}).then(({ readCompiled }) => {
      let read = 0
      for (let turn = 0; turn < ${readings}; turn++) if (readCompiled(${JSON.stringify(file)}) !== undefined) read++
      parentPort.postMessage(read)
    })`, { eval: true })
  return new Promise((resolve, reject) => thread.once('message', resolve).once('error', reject))
}

test('code of the solver that was kept is taken up again and plans the same; what is damaged or missing is not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'prescale-solver-'))
  try {
    const file = compiledFile(folder)
    assert.ok(file !== undefined, `Node ${process.versions.node} is one that code is kept for`)
    assert.equal(readCompiled(file), undefined)
    setSolverFlags()
    const module = uncompiledSolver()
    const large = await planned('l', module)
    writeCompiled(module, file)
    const kept = readCompiled(file)
    assert.ok(kept !== undefined)
    assert.deepEqual((await planned('l', kept)).plan, large.plan)
    assert.deepEqual(await Promise.all([1, 2, 3, 4].map(() => readInThread(file))), [1, 2, 3, 4].map(() => readings))
    assert.deepEqual((await planned('m', kept)).plan, (await planned('m', uncompiledSolver())).plan)

    const whole = readFileSync(file)
    for (const position of [0, 100, whole.length - 1]) {
      const damaged = Buffer.from(whole)
      damaged[position] = (damaged[position] ?? 0) ^ 1
      writeFileSync(file, damaged)
      assert.equal(readCompiled(file), undefined, `byte ${position}`)
    }
    for (const length of [0, 10, whole.length - 1]) {
      writeFileSync(file, whole.subarray(0, length))
      assert.equal(readCompiled(file), undefined, `${length} bytes`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
