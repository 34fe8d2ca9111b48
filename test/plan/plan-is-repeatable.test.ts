import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { generateInstance, instanceSizes } from '../../bench/plan/generate-instance.ts'
import { planInstance } from '../../src/plan/plan-instance.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'

const instance = generateInstance('m', instanceSizes.m, { derate: false, tight: true, committed: true }, 5)

/** Plans in a thread of its own, while others do the same. */
function planInThread(): Promise<string> {
  const source = `
    import { parentPort, workerData } from 'node:worker_threads'
    const { planInstance } = await import(workerData.plan)
    const { loadSolver } = await import(workerData.solver)
    parentPort.postMessage(JSON.stringify((await planInstance(workerData.instance, await loadSolver(), new AbortController().signal)).plan))`
  const workerData = {
    instance, plan: new URL('../../src/plan/plan-instance.ts', import.meta.url).href, solver: new URL('../../src/plan/solver/highs.ts', import.meta.url).href,
  }
  return new Promise((resolve, reject) => {
    new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { workerData }).once('message', resolve).once('error', reject)
  })
}

test('the same problem gives the same plan to the byte: twice in a process, and in two threads at once', async () => {
  const solver = await loadSolver()
  const planned = async (): Promise<string> => JSON.stringify((await planInstance(instance, solver, new AbortController().signal)).plan)
  const one = await planned()
  assert.equal(await planned(), one)
  for (const other of await Promise.all([planInThread(), planInThread()])) assert.equal(other, one)
})
