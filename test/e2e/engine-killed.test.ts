import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { DesiredPool } from '../../src/domain/desired-state.ts'
import type { RegionKey } from '../../src/domain/pool.ts'
import { templateInputs } from '../../src/pulumi/gcp/inputs.ts'
import type { EngineSettings, StackEvent, StackRun, StackTarget } from '../../src/reconcile/engine.ts'
import { judge } from '../../src/reconcile/judge.ts'
import { runStacks } from '../../src/reconcile/run-stacks.ts'
import { anEngineProject, aRegionPool, aRegionState, threeRegions, type EngineProject } from './engine-project.ts'

async function apply(project: EngineProject, target: StackTarget, change: Partial<EngineSettings> = {}): Promise<StackRun | undefined> {
  return (await runStacks('apply', [target], { ...project.engine, ...change }, () => {}, AbortSignal.timeout(280_000)))[0]
}

/** Kills the process group of a run, with a signal that none can answer, once the engine has written that it creates `group`. */
async function killedWhileCreating(project: EngineProject, target: StackTarget, group: string): Promise<StackRun | undefined> {
  const before = new Set(workerPids())
  const state = join(project.directory, '.prescale/pulumi/.pulumi/stacks/prescale', `${target.stack}.json`)
  const isCreating = (): boolean => {
    const { checkpoint } = JSON.parse(readFileSync(state, 'utf8')) as { checkpoint: { latest?: { pending_operations?: { type: string; resource: { urn: string } }[] } } }
    return (checkpoint.latest?.pending_operations ?? []).some(({ type, resource }) => type === 'creating' && resource.urn.includes('$') && resource.urn.endsWith(`::${group}`))
  }
  let watching: Promise<void> | undefined
  const kill = async (): Promise<void> => {
    while (!isCreating()) await new Promise(setImmediate)
    for (const pid of workerPids()) if (!before.has(pid)) process.kill(-pid, 'SIGKILL')
  }
  const observer = (event: StackEvent): void => {
    if (event.kind === 'step' && event.step.urn.endsWith(`::${group}`)) watching ??= kill()
  }
  const [killed] = await runStacks('apply', [target], project.engine, observer, AbortSignal.timeout(120_000))
  await watching
  return killed
}

/** @returns processes that this one started and that run an engine worker */
function workerPids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const parent = / (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) . /s, ' '))?.[1]
        return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('engine-worker')
      } catch {
        return false
      }
    })
}

describe('an engine that was killed', { concurrency: false }, () => {
  let project: EngineProject
  before(async () => {
    project = await anEngineProject()
  })
  after(() => project.remove())

  /** A pool of api on the template of web's, so that its group is the first thing that is created for it. */
  const apiPool = (region: RegionKey, web: DesiredPool): DesiredPool => {
    const templates = { aws: web.group, gcp: `projects/sandbox/global/instanceTemplates/${String(templateInputs(web).name)}`, azure: undefined }
    const template = templates[region.cloud]
    return aRegionPool(region, { workload: 'api', launch: { ...web.launch, ...(template !== undefined && { template }) } })
  }

  for (const region of threeRegions) {
    const web = aRegionPool(region)
    const api = apiPool(region, web)

    test(`a group of ${region.cloud} that was being created when the engine was killed is created by the next run`, async () => {
      await apply(project, project.target(aRegionState(region, [web])))
      const target = project.target(aRegionState(region, [web, api]))
      project.cloud.setFaults({ hang: ['api-'], hangSeconds: 120 })
      const killed = await killedWhileCreating(project, target, api.group)
      project.cloud.setFaults({ hang: [] })
      assert.equal(killed?.outcome, 'failed')
      assert.match(killed.failures[0]?.message ?? '', /ended early \(SIGKILL\)/)
      const repaired = await apply(project, target)
      assert.deepEqual({ outcome: repaired?.outcome, failures: repaired?.failures }, { outcome: 'succeeded', failures: [] })
      assert.match(repaired?.notes[0] ?? '', /cleared the engine's lock of .* that process is gone/)
      assert.match(repaired?.notes[1] ?? '', new RegExp(`${api.group} was being created: it is not known to be in the cloud and is created again`))
      assert.deepEqual(project.cloud.liveCounts([region]).pools.map(({ workload, desired }) => [workload, desired]), [['api', 3], ['web', 3]])
    })

    test(`a group of ${region.cloud} that the cloud finished after the engine was killed is taken over, not made twice`, async () => {
      const late = { ...api, workload: 'late', group: api.group.replace('api', 'late') }
      const target = project.target(aRegionState(region, [web, api, late]))
      project.cloud.setFaults({ hang: ['late-'], hangSeconds: 120 })
      await killedWhileCreating(project, target, late.group)
      project.cloud.setFaults({ hang: [] })
      // An engine with a state of its own stands for the call that went through unrecorded.
      const elsewhere = { ...project.engine.env, PULUMI_BACKEND_URL: `file://${mkdtempSync(join(project.directory, 'other-'))}` }
      const made = await apply(project, { ...target, desired: aRegionState(region, [late]) }, { env: elsewhere })
      assert.equal(made?.outcome, 'succeeded')
      const repaired = await apply(project, target)
      assert.deepEqual({ outcome: repaired?.outcome, failures: repaired?.failures }, { outcome: 'succeeded', failures: [] })
      assert.match(repaired?.notes[1] ?? '', new RegExp(`${late.group} was being created: it is in the cloud and was taken over`))
      assert.deepEqual(project.cloud.liveCounts([region]).pools.map(({ workload, desired }) => [workload, desired]), [['api', 3], ['late', 3], ['web', 3]])
      const quiet = await apply(project, target)
      assert.deepEqual(quiet?.steps, [])
    })
  }

  test('when prescale itself is killed, its engine ends by itself and leaves no lock behind', async () => {
    const region: RegionKey = { cloud: 'gcp', region: 'europe-west1' }
    const target = project.target(aRegionState(region, [aRegionPool(region, { launch: { ...aRegionPool(region).launch, zones: ['europe-west1-b'] } })]))
    project.cloud.setFaults({ hang: ['web-'], hangSeconds: 120 })
    const program = spawn(process.execPath, [join(import.meta.dirname, 'engine-orphan.ts'), JSON.stringify({ engine: project.engine, target })], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(program.stdout, 'data')
    program.kill('SIGKILL')
    await once(program, 'exit')
    const locks = join(project.directory, '.prescale/pulumi/.pulumi/locks')
    const deadline = performance.now() + 60_000
    while (readdirSync(locks, { recursive: true }).some((name) => String(name).endsWith('.json')) && performance.now() < deadline) await new Promise(setImmediate)
    project.cloud.setFaults({ hang: [] })
    const next = await apply(project, target)
    assert.deepEqual({ outcome: next?.outcome, failures: next?.failures, notes: next?.notes }, { outcome: 'succeeded', failures: [], notes: [] })
  })

  test('a lock whose holder lives is respected', async () => {
    const region: RegionKey = { cloud: 'aws', region: 'eu-west-1' }
    const launch = { ...aRegionPool(region).launch, zones: ['eu-west-1a'] }
    const target = project.target(aRegionState(region, [aRegionPool(region, { launch })]))
    project.cloud.setFaults({ hang: ['web-'], hangSeconds: 120 })
    const done = new AbortController()
    let second: Promise<StackRun | undefined> | undefined
    const observer = (event: StackEvent): void => {
      if (event.kind === 'step') second ??= apply(project, target).finally(() => done.abort())
    }
    const [first] = await runStacks('apply', [target], project.engine, observer, done.signal)
    project.cloud.setFaults({ hang: [] })
    const held = await second
    assert.equal(first?.outcome, 'aborted')
    assert.equal(held?.outcome, 'lock-held')
    assert.match(held.failures[0]?.message ?? '', /locked by .*\(pid \d+\) since /)
    assert.equal(judge(target.desired, project.cloud.liveCounts([region]), held, 'waiting').kind, 'held')
  })
})
