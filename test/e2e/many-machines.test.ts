import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { withLeases } from '../../src/app/lease.ts'
import { fleetNow, keepFleet, leadTimeSamples, patienceOf } from '../../src/app/moves.ts'
import { repairStacks } from '../../src/app/repair.ts'
import { appliedRecords, readDesiredStates, readLive } from '../../src/app/stacks.ts'
import { projectStatus } from '../../src/app/status.ts'
import { reviewNotes } from '../../src/app/review.ts'
import { previewStep } from '../../src/app/steps/preview-step.ts'
import { applyStep, type StackApplied } from '../../src/app/steps/apply-step.ts'
import { observeStep } from '../../src/app/steps/observe-step.ts'
import { learnedThroughputs } from '../../src/app/throughput.ts'
import type { RegionKey } from '../../src/domain/pool.ts'
import { stackName } from '../../src/domain/pool.ts'
import { Problem } from '../../src/domain/problem.ts'
import type { AppliedRecord } from '../../src/reconcile/changed-stacks.ts'
import { aPostgres, type Postgres } from '../support/postgres.ts'
import { webOfTwoClouds } from '../support/web-of-two-clouds.ts'
import { allRegions, anAppProject, aPool, type AppProject, applyAll, aState, azureEast, iowa, virginia, workOn } from './app-project.ts'
import { aPrescaleProject, type PrescaleProject } from './prescale-project.ts'

const minuteSeconds = 60
const ran = (applied: readonly StackApplied[]) => applied.flatMap(({ stack, run }) => (run === undefined ? [] : [stack]))
const waits = (applied: readonly StackApplied[]) => applied.flatMap((one) => one.waits)

suite('machines that share a database and nothing of their disks', { concurrency: false }, () => {
  let postgres: Postgres
  let first: AppProject
  const machines: AppProject[] = []
  const nodes = new Map<string, number>()
  /** What is reviewed in Git. */
  const plan = (site: AppProject, wanted: readonly (readonly [RegionKey, number])[]): void => {
    for (const region of allRegions) {
      const was = nodes.get(stackName(region))
      const next = wanted.find(([one]) => one === region)?.[1] ?? was
      site.plan(aState(region, next === undefined ? [] : [aPool(region, next, was ?? 0)]))
      if (next !== undefined) nodes.set(stackName(region), next)
    }
  }
  /** A machine that has only what is in Git: the settings and stacks/ without what the engine wrote there. */
  const another = async (): Promise<AppProject> => {
    const site = await anAppProject('', undefined, { databaseUrl: postgres.url, cloudsOf: first.directory })
    machines.push(site)
    mkdirSync(join(site.directory, 'stacks'))
    for (const name of readdirSync(join(first.directory, 'stacks')).filter((one) => !one.startsWith('Pulumi.'))) {
      cpSync(join(first.directory, 'stacks', name), join(site.directory, 'stacks', name))
    }
    return site
  }
  const ready = () => first.cloud.liveCounts(allRegions).pools.reduce((sum, pool) => sum + pool.ready, 0)
  const minutes = async (count: number): Promise<number> => {
    let least = Infinity
    for (let minute = 0; minute < count; minute += 1) {
      await first.cloud.advance(minuteSeconds)
      least = Math.min(least, ready())
    }
    return least
  }
  /** Enough nodes that their lead time is measured. */
  const need = 24

  before(async () => {
    postgres = await aPostgres()
    first = await anAppProject('', undefined, { databaseUrl: postgres.url })
    machines.push(first)
    plan(first, [[virginia, need]])
    await observeStep(first.project, await applyStep(first.project, applyAll))
    assert.equal(ready(), need)
  })
  after(async () => {
    for (const site of machines) await site[Symbol.asyncDispose]()
    await postgres.stop()
  })

  test('what one applied needs no engine on another', async () => {
    const second = await another()
    const applied = await applyStep(second.project, applyAll)
    assert.deepEqual([ran(applied), applied.map(({ verdict }) => verdict.kind)], [[], ['unchanged', 'unchanged', 'unchanged', 'unchanged']])
  })

  test('lead times that one measured are those that another waits by', async () => {
    const second = await another()
    const pool = aPool(virginia, need, need)
    assert.deepEqual(await leadTimeSamples(second.project), await leadTimeSamples(first.project))
    const patience = (await patienceOf(second.project))(pool)
    assert.ok(patience > 0 && patience !== 2 * 300, `${patience} s is twice what was measured, not twice the 5 min of the settings`)
  })

  test('a move that one began and that waits for its nodes is finished by another, with capacity never below need', async () => {
    plan(first, [[virginia, 0], [iowa, need]])
    const began = await applyStep(first.project, applyAll)
    assert.deepEqual([ran(began), waits(began)], [['shop.gcp-us-central1'], [`web: ${need} nodes to be lowered stay until ${need} more nodes are ready`]])
    const second = await another()
    const [known] = (await fleetNow(second.project, readDesiredStates(second.project, undefined), await readLive(second.project))).known.moves
    assert.equal(known?.before['aws/us-east-1/web/m7g.xlarge/on-demand'], need, 'another knows what was live before the move')
    const waiting = await applyStep(second.project, applyAll)
    assert.deepEqual([ran(waiting), waits(waiting).length], [[], 1])
    const least = await minutes(10)
    const third = await another()
    assert.deepEqual(ran(await applyStep(third.project, applyAll)), ['shop.aws-us-east-1'])
    assert.match(readFileSync(join(third.directory, 'stacks', 'Pulumi.shop.aws-us-east-1.yaml'), 'utf8'), /aws:region: us-east-1/, 'what the engine needs beside its state')
    assert.ok(Math.min(least, await minutes(10)) >= need)
    assert.deepEqual(first.cloud.liveCounts([virginia]).pools.map(({ desired }) => desired), [0])
    assert.deepEqual(ran(await applyStep(first.project, applyAll)), [], 'the first one knows that it is done')
  })

  test('who decided on older knowledge leaves the newer record of a move as it is', async () => {
    const live = await readLive(first.project)
    const decide = ({ project }: AppProject) => fleetNow(project, readDesiredStates(project, undefined), live)
    const asked = async () => (await decide(first)).known.moves.map((move) => Object.values(move.asked))
    plan(first, [[iowa, 0], [virginia, need]])
    await keepFleet(first.project, await decide(first))
    const second = await another()
    const older = await decide(second)
    plan(first, [[virginia, need + 2]])
    await keepFleet(first.project, await decide(first))
    await keepFleet(second.project, older)
    assert.deepEqual(await asked(), [[need + 2]])
    plan(first, [[virginia, 0], [iowa, need]])
    await applyStep(first.project, applyAll)
    assert.deepEqual(await asked(), [], 'a move that is no more is forgotten')
  })

  test('a stack that kept failing on one is left alone by another, until somebody repairs it', async () => {
    const broken = aPool(azureEast, 2, 0)
    first.plan(aState(azureEast, [{ ...broken, launch: { ...broken.launch, resourceGroup: 'nowhere' } }]))
    const verdicts = async (site: AppProject) => (await applyStep(site.project, applyAll)).map(({ verdict }) => verdict.kind)
    for (let trial = 0; trial < 3; trial += 1) assert.equal((await verdicts(trial === 1 ? await another() : first))[3], 'failed')
    const second = await another()
    const applied = await applyStep(second.project, applyAll)
    assert.deepEqual([ran(applied), applied[3]?.verdict.kind], [[], 'stalled'])
    assert.deepEqual((await projectStatus(second.project)).stalled.map(({ stack }) => stack), ['shop.azure-eastus'])
    await repairStacks(second.project, 'azure-eastus', 0)
    first.plan(aState(azureEast, [broken]))
    assert.deepEqual(ran(await applyStep(first.project, applyAll)), ['shop.azure-eastus'])
  })

  test('a checkout with an earlier plan is refused by whichever machine, and what was applied since stays', async () => {
    const nodesOf = (): number | undefined => first.cloud.liveCounts([virginia]).pools[0]?.desired
    const was = nodesOf() ?? 0
    const [earlier, later] = [aState(virginia, [aPool(virginia, was + 1, was)], { planId: 'earlier' }), aState(virginia, [aPool(virginia, was + 2, was)], { planId: 'later' })]
    await (await first.project.coordination()).change('plan-order', () => ['earlier', 'later'])
    first.plan(later)
    assert.deepEqual(ran(await applyStep(first.project, applyAll)), ['shop.aws-us-east-1'])
    const second = await another()
    second.plan(earlier)
    await assert.rejects(applyStep(second.project, applyAll), (error) => error instanceof Problem && error.code === 'plan-superseded' && error.exitCode === 6)
    const [only] = await reviewNotes(second.project, await previewStep(second.project, 'aws-us-east-1')).then(({ stale }) => stale)
    assert.match(only ?? '', /^plan earlier of shop\.aws-us-east-1 was superseded: plan later/)
    assert.equal(nodesOf(), was + 2)
    second.plan(later)
    assert.deepEqual(ran(await applyStep(second.project, applyAll)), [])
  })

  test('who waited in the queue while a later plan was applied leaves it as it is', async () => {
    const stack = 'shop.aws-us-east-1'
    const second = await another()
    const was = first.cloud.liveCounts([virginia]).pools[0]?.desired ?? 0
    second.plan(aState(virginia, [aPool(virginia, was + 1, was)], { planId: 'waiting' }))
    await (await first.project.coordination()).change('plan-order', () => ['waiting', 'applied'])
    const coordination = await first.project.coordination()
    const database = new pg.Client(postgres.url)
    await database.connect()
    await database.query('update prescale_leases set released = false, pid = $2, since = now(), heartbeat = now() + interval \'1 minute\' where stack = $1', [stack, process.pid])
    const patient = { ...second.project, world: { ...second.project.world, sleep: () => setTimeout(20) } }
    const applying = applyStep(patient, { ...applyAll, waitSeconds: 60 })
    const isWaiting = async () => (await database.query('select from prescale_waiting where stack = $1', [stack])).rowCount === 1
    for (let trial = 0; trial < 1000 && !(await isWaiting()); trial += 1) await setTimeout(20)
    await coordination.change<AppliedRecord | undefined>(`applied/${stack}`, (last) => last && { ...last, state: { ...last.state, planId: 'applied' } })
    await database.query('update prescale_leases set released = true where stack = $1', [stack])
    await database.end()
    const [applied] = await applying
    assert.equal(applied?.verdict.kind, 'held')
    assert.match(JSON.stringify(applied?.verdict), /plan waiting of shop\.aws-us-east-1 was superseded: plan applied/)
    assert.equal(first.cloud.liveCounts([virginia]).pools[0]?.desired, was)
  })

  test('who lost a stack to another writes nothing of it down, and says so', async () => {
    const stack = 'shop.aws-us-east-1'
    const record = (await appliedRecords(first.project)).get(stack)
    assert.ok(record !== undefined)
    const answer = await withLeases(first.project, [stack], 'test', 0, async (held) => {
      const client = new pg.Client(postgres.url)
      await client.connect()
      await client.query('update prescale_leases set token = token + 1 where stack = $1', [stack])
      await client.end()
      return held.keep(stack, `applied/${stack}`, () => ({ ...record, program: 'late' }))
    })
    assert.equal(answer, 'lost')
    assert.deepEqual((await appliedRecords(first.project)).get(stack), record)
    assert.equal(first.warnings.at(-1), `${stack} was taken over by another process: what this one did to it is not on record`)
  })

  test('what a machine learned while it was alone is shared once, and never over what others learned since', async () => {
    const learn = (workload: string, vcpuPerUnit: number) => JSON.stringify({ workload, originSeconds: 0, initialVcpuPerUnit: 0.02, vcpuPerUnit })
    const settings = 'deferrable: []\n'
    const store = async (vcpuPerUnit: number): Promise<AppProject> => {
      const site = await anAppProject(settings, undefined, { databaseUrl: postgres.url, cloudsOf: first.directory })
      machines.push(site)
      mkdirSync(join(site.directory, '.prescale', 'store', 'throughput'), { recursive: true })
      writeFileSync(join(site.directory, '.prescale', 'store', 'throughput', 'web.json'), learn('web', vcpuPerUnit))
      return site
    }
    const [one, two] = [await store(0.05), await store(0.01)]
    const learned = async ({ project }: AppProject) => (await (await project.coordination()).read<{ vcpuPerUnit: number }>('throughput/web'))?.vcpuPerUnit
    assert.deepEqual([await learned(one), await learned(two), await learned(one)], [0.05, 0.05, 0.05])
    assert.deepEqual([...(await learnedThroughputs(one.project))], [], 'the settings of this project leave nothing to learn')
  })
})

const settings = `name: shop
coordination: { store: postgres }
sandbox: { scenario: data/scenario.yaml }
history: { source: line-protocol, paths: [.prescale/sandbox/metrics/demand/*.lp] }
historyLimits: { window: 9d }
${webOfTwoClouds}    nodes: { minPerRegion: 1, max: 300 }
`

suite('a runner whose disk is empty each time', { concurrency: false }, () => {
  let postgres: Postgres
  let first: PrescaleProject
  let second: PrescaleProject
  before(async () => {
    postgres = await aPostgres()
    ;[first, second] = [0, 1].map(() => aPrescaleProject({ PRESCALE_DATABASE_URL: postgres.url })) as [PrescaleProject, PrescaleProject]
    for (const site of [first, second]) {
      site.settings(() => settings)
      const scenario = join(site.directory, 'data', 'scenario.yaml')
      writeFileSync(scenario, readFileSync(scenario, 'utf8').replace(/^historyDays:.*$/m, 'historyDays: 9'))
    }
    workOn(second.directory, first.directory)
  })
  after(async () => {
    for (const site of [first, second]) await site[Symbol.asyncDispose]()
    await postgres.stop()
  })

  test('goes on with the plan in force, runs no engine where nothing changed, and writes stacks/ as the other wrote them', { timeout: 300_000 }, async () => {
    const made = await first.prescale('reconcile', '--json')
    assert.equal(made.code, 0, made.stderr)
    const again = await second.prescale('reconcile', '--json')
    assert.equal(again.code, 0, again.stderr)
    const outcomes = [made, again].map(({ stdout }) => JSON.parse(stdout) as { plan: string; stacks: readonly { verdict: { kind: string } }[] })
    assert.match(outcomes[0]?.plan ?? '', /^[0-9a-f]{16}$/)
    assert.equal(outcomes[1]?.plan, outcomes[0]?.plan)
    assert.deepEqual(outcomes[1]?.stacks.map(({ verdict }) => verdict.kind), ['unchanged', 'unchanged'])
    const files = (site: PrescaleProject) => new Map([...site.documents()].filter(([name]) => name.startsWith('stacks/') && !name.includes('Pulumi.')))
    const [made1, made2] = [files(first), files(second)]
    assert.equal(made1.size, 2)
    assert.deepEqual([...made1].filter(([name, text]) => made2.get(name) !== text).map(([name]) => name), [])
  })
})
