import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PoolExplanation } from '../../src/app/explain.ts'
import { aPrescaleProject, type PrescaleProject } from './prescale-project.ts'

/** The demo's web alone, its work unknown. @param initial  vCPUs per request/s that learning starts from; the scenario’s truth is 0.02 */
function webWith(initial: number): PrescaleProject {
  const project = aPrescaleProject()
  project.settings((text) =>
    text
      .slice(0, text.indexOf('  # Rides in New York'))
      .replace(/serves: .*/, `serves: { learn: { from: cpu, initialVcpuPerUnit: ${initial} } }`),
  )
  return project
}

test('a day of CPU use tells within 3 % what a request costs, explain says so, and plans then stand still', async () => {
  await using project = webWith(0.03)
  const run = async (...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await project.prescale(...words)
    assert.equal(code, 0, `${words.join(' ')}: ${stdout}${stderr}`)
    return stdout
  }
  const explained = async (): Promise<PoolExplanation> => {
    const [first] = (JSON.parse(await run('explain', 'web', '--json')) as { pools: readonly PoolExplanation[] }).pools
    assert.ok(first !== undefined)
    return first
  }
  await run('reconcile')
  const before = await explained()
  assert.equal(before.learned?.vcpuPerUnit, 0.03)
  await run('sandbox', 'advance', '24h')
  await run('reconcile')
  const { learned, pool } = await explained()
  assert.ok(learned?.estimate.kind === 'measured', JSON.stringify(learned))
  assert.ok(Math.abs(learned.estimate.vcpuPerUnit / 0.02 - 1) < 0.03, JSON.stringify(learned))
  assert.equal(learned.vcpuPerUnit, Number(learned.estimate.vcpuPerUnit.toPrecision(4)))
  if (pool.type === before.pool.type) assert.ok(pool.throughputPerNode > before.pool.throughputPerNode * 1.4)
  assert.match(
    await run('explain', 'web'),
    new RegExp(`one unit keeps 0\\.0[12]\\d* vCPU busy, learned from ${learned.estimate.steps} steps\n`),
  )
  const documents = project.documents()
  // a count below the bounds of a schedule that goes with it is reached one cycle later: the engine deletes last
  await run('reconcile')
  assert.deepEqual(project.documents(), documents)
  const again = await project.prescale('reconcile', '--json', '--detailed-exitcode')
  assert.equal(again.code, 0, again.stdout)
  assert.deepEqual(project.documents(), documents)
})
