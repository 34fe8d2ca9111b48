import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import type { DesiredState } from '../../src/domain/desired-state.ts'
import type { StackEvent, StackRun } from '../../src/reconcile/engine.ts'
import { judge } from '../../src/reconcile/judge.ts'
import { retryWait } from '../../src/reconcile/retry.ts'
import { runStacks } from '../../src/reconcile/run-stacks.ts'
import { anEngineProject, aRegionPool, aRegionState, type EngineProject } from './engine-project.ts'

const eastus = { cloud: 'azure', region: 'eastus' } as const

/** @returns processes whose environment names the project's folder and whose command line names the program, with their process groups */
function processesOf(directory: string, program: string): readonly { readonly pid: number; readonly group: number }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const isIt = readFileSync(`/proc/${name}/environ`, 'utf8').includes(`=${directory}/`) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(program)
      return isIt ? [{ pid: Number(name), group: Number(readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')[2]) }] : []
    } catch {
      return []
    }
  })
}

suite('faults in the middle of an update', { concurrency: false }, () => {
  let project: EngineProject
  const pools = (desired: number) => [
    aRegionPool(eastus, { desired }),
    aRegionPool(eastus, { desired, option: 'spot' }),
    aRegionPool(eastus, { desired, type: 'Standard_F8s_v2' }),
    aRegionPool(eastus, { desired, type: 'Standard_F8s_v2', option: 'spot' }),
  ]
  const state = (desired: number): DesiredState => aRegionState(eastus, pools(desired))
  const apply = async (desired: number, observer: (event: StackEvent) => void = () => {}): Promise<StackRun> => {
    const [run] = await runStacks('apply', [project.target(state(desired))], project.engine, observer, AbortSignal.timeout(120_000))
    assert.ok(run)
    return run
  }
  const pending = (): readonly string[] => {
    const file = join(project.directory, '.prescale/pulumi/.pulumi/stacks/prescale/sandbox.azure-eastus.json')
    const { checkpoint } = JSON.parse(readFileSync(file, 'utf8')) as { checkpoint: { latest?: { pending_operations?: { type: string }[] } } }
    return (checkpoint.latest?.pending_operations ?? []).map(({ type }) => type)
  }
  const counts = () => project.cloud.liveCounts([eastus]).pools.map(({ desired }) => desired)
  /** Applies a count while the cloud hangs, and calls `kill` once the engine has written that it updates. */
  const killedWhileUpdating = async (desired: number, kill: () => void): Promise<StackRun> => {
    project.cloud.setFaults({ hang: ['web-'], hangSeconds: 120 })
    let watching: Promise<void> | undefined
    const watch = async (): Promise<void> => {
      while (!pending().includes('updating')) await new Promise((resolve) => setTimeout(resolve, 20))
      kill()
    }
    const run = await apply(desired, (event) => {
      if (event.kind === 'step' && event.step.operation === 'update') watching ??= watch()
    })
    await watching
    project.cloud.setFaults({ hang: [] })
    return run
  }

  before(async () => {
    project = await anEngineProject()
    assert.deepEqual([(await apply(3)).outcome, counts()], ['succeeded', [3, 3, 3, 3]])
    await project.cloud.advance(900)
  })
  after(() => project.remove())

  test('an update that was under way when the engine was killed is made by the next run, which leaves nothing pending', async () => {
    const killed = await killedWhileUpdating(4, () => {
      for (const { group } of processesOf(project.directory, 'engine-worker')) process.kill(-group, 'SIGKILL')
    })
    assert.equal(killed.outcome, 'failed')
    assert.ok(pending().includes('updating'))
    assert.deepEqual([(await apply(4)).outcome, counts(), pending()], ['succeeded', [4, 4, 4, 4], []])
  })

  test('a provider that dies fails the run as something that passes, and the retry makes up for it', async () => {
    const killed = await killedWhileUpdating(5, () => {
      for (const { pid } of processesOf(project.directory, 'provider/program.ts')) process.kill(pid, 'SIGKILL')
    })
    assert.equal(killed.outcome, 'failed')
    assert.ok(retryWait(killed, 1, 0.5) !== undefined, killed.failures.map(({ message }) => message).join('; '))
    assert.deepEqual([(await apply(5)).outcome, counts(), pending()], ['succeeded', [5, 5, 5, 5], []])
  })

  test('where two of four groups find no room, the others are done, and the verdict is the shortage of the two', async () => {
    await project.cloud.advance(900)
    project.cloud.setFaults({ scarce: [{ ...eastus, option: 'spot', nodes: 0 }] })
    const run = await apply(7)
    project.cloud.setFaults({ scarce: [] })
    assert.deepEqual([run.outcome, run.failures.length], ['failed', 2])
    assert.ok(run.failures.every(({ urn }) => urn?.includes('-spot') === true), JSON.stringify(run.failures))
    await project.cloud.advance(900)
    assert.deepEqual(project.cloud.liveCounts([eastus]).pools.filter(({ option }) => option === 'on-demand').map(({ desired }) => desired), [7, 7])
    const full = { ...project.cloud.liveCounts([eastus]), pools: project.cloud.liveCounts([eastus]).pools.map((pool) => (pool.option === 'spot' ? { ...pool, ready: 5 } : pool)) }
    assert.deepEqual(judge(state(7), full, run, 'waiting'), { kind: 'short', by: 4, reason: run.failures[0]?.message })
  })
})
