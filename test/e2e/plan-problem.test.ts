import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { planProblemFile, type PlannedFile } from '../../src/app/plan-file.ts'
import type { PlanOutcome } from '../../src/app/steps/plan-step.ts'
import { processWorld } from '../../src/app/world.ts'
import { narratorFor } from '../../src/cli/narrator.ts'
import type { ComparedPlan, FrontierPoint } from '../../src/plan/compare-variants.ts'
import { type InstanceDocument, instanceFromProblem } from '../../src/plan/documents/instance-document.ts'
import type { PlanDocument } from '../../src/plan/documents/plan-document.ts'
import { generateInstance, instanceSizes } from '../../bench/plan/generate-instance.ts'
import { aProblem } from '../plan/a-problem.ts'
import { aPrescaleProject } from './prescale-project.ts'
import { runPrescale, type Ended } from './run-prescale.ts'

const directory = mkdtempSync(join(tmpdir(), 'prescale-problem-'))
after(() => rmSync(directory, { recursive: true, force: true }))

const prescale = (...words: readonly string[]): Promise<Ended> => runPrescale(directory, words)
const path = (name: string): string => join(directory, name)
const write = (name: string, document: unknown): void => {
  const text = JSON.stringify(document)
  writeFileSync(path(name), name.endsWith('.gz') ? gzipSync(text) : text)
}

// 40 units, then 10, of nodes that serve 10 and cost USD 1: five node-hours
const instance = instanceFromProblem(aProblem({ demand: [[[40, 10]]] }))
write('instance.json.gz', instance)

test('a problem in a file is planned without a project: cost, certificate and the plan as a document', async () => {
  const ended = await prescale('plan', '--problem', 'instance.json.gz', '--out', 'plan.json', '--json')
  assert.equal(ended.code, 0, ended.stderr)
  const planned = JSON.parse(ended.stdout) as PlannedFile
  assert.deepEqual([planned.instance, planned.cost.total, planned.peakNodes, planned.shortSteps], ['small', 5, 4, 0])
  assert.ok((planned.lowerBound ?? 0) <= 5 && (planned.gapPercent ?? 100) < 0.01)
  assert.deepEqual(JSON.parse(readFileSync(path('plan.json'), 'utf8')) as PlanDocument, {
    schema: 'prescale.plan/1', instance: 'small', nodes: [{ program: 0, region: 0, type: 0, option: 0, count: [4, 1] }],
  })
  assert.deepEqual(readdirSync(directory).sort(), ['instance.json.gz', 'plan.json'])
})

test('a plan in the making ends at once when it is interrupted, and writes nothing', async () => {
  write('large.json.gz', generateInstance('large', { ...instanceSizes.l, regions: 20 }, { derate: false, tight: false, committed: false }, 1))
  const ended = await runPrescale(directory, ['plan', '--problem', 'large.json.gz', '--out', 'large-plan.json'], (child) => setTimeout(() => child.kill('SIGTERM'), 1500))
  assert.equal(ended.code, 130, ended.stderr)
  assert.match(ended.stderr, /error interrupted: /)
  assert.equal(existsSync(path('large-plan.json')), false)
})

test('a small plan that is interrupted is thrown away once it is made, and nothing is written', async () => {
  const stop = new AbortController()
  const world = { ...processWorld(narratorFor(process.stderr), stop.signal), cwd: directory }
  const planned = planProblemFile(world, 'instance.json.gz', 'stopped.json')
  setTimeout(() => stop.abort(new Error('stopped by hand')), 0)
  await assert.rejects(planned, /stopped by hand/)
  assert.equal(existsSync(path('stopped.json')), false)
  assert.equal((await planProblemFile({ ...world, signal: new AbortController().signal }, 'instance.json.gz', 'made.json')).cost.total, 5)
  rmSync(path('made.json'))
})

test('what no plan can carry is said in words and has no bound', async () => {
  write('short.json', instanceFromProblem(aProblem({ demand: [[[40, 10]]], maxNodes: 2 })))
  const ended = await prescale('plan', '--problem', 'short.json')
  assert.equal(ended.code, 0, ended.stderr)
  assert.equal((await prescale('plan', '--problem', 'short.json', '--detailed-exitcode')).code, 8)
  assert.match(ended.stdout, /^short {4}1 step; no plan would carry all$/m)
  assert.match(ended.stdout, /^bound {4}\? \$, gap \?$/m)
})

test('a file that is no problem ends with 7 and tells each departure by its path', async () => {
  const broken: Readonly<Record<string, readonly [unknown, RegExp]>> = {
    'schema.json': [{ ...instance, schema: 'prescale.plan/1' }, /schema\.json schema: is "prescale\.plan\/1", expected prescale\.instance\/1/],
    'demand.json': [{ ...instance, demand: [[[40, -1]]], fleet: [[[[0, 0]]]] }, /demand\[0\]\[0\]\[1\]: is -1, expected .*\n.*fleet\[0\]\[0\]\[0\]: has 2 entries, expected 1/],
    'reach.json': [{ ...instance, reach: { normal: [[[1]]] } }, /reach\.normal\[0\]\[0\]: is no list of regions, 0 to 0\n.*reach\.regionLoss: is missing/],
    'list.json': [[], /list\.json is no JSON object/],
  }
  writeFileSync(path('torn.json'), '{"schema":')
  for (const [name, [document, expected]] of Object.entries(broken)) {
    write(name, document)
    const ended = await prescale('plan', '--problem', name, '--out', 'none.json')
    assert.equal(ended.code, 7, name)
    assert.match(ended.stderr, expected)
  }
  assert.match((await prescale('plan', '--problem', 'torn.json')).stderr, /torn\.json is no JSON: /)
  assert.match((await prescale('plan', '--problem', 'nowhere.json')).stderr, /the problem is missing: nowhere\.json/)
  assert.equal(existsSync(path('none.json')), false)
})

test('what-ifs stand beside the plan, in the order they were asked', async () => {
  const ended = await prescale('plan', '--problem', 'instance.json.gz', '--what-if', 'demand w0 x2', '--what-if', 'price +50%', '--json')
  assert.equal(ended.code, 0, ended.stderr)
  const plans = JSON.parse(ended.stdout) as ComparedPlan[]
  assert.deepEqual(plans.map(({ name, totalUsd, usdPerHourNow }) => [name, totalUsd, usdPerHourNow]), [['plan', 5, 4], ['demand w0 x2', 10, 8], ['price +50%', 7.5, 6]])
  const table = await prescale('plan', '--problem', 'instance.json.gz', '--what-if', 'demand w0 x2')
  assert.match(table.stdout, /^demand w0 x2 +8\.00 +10\.00 +\+100\.0 % +8 +0$/m)
})

test('a what-if that is none ends with 7 and names what there is', async () => {
  const ended = await prescale('plan', '--problem', 'instance.json.gz', '--what-if', 'lose aws/atlantis')
  assert.equal(ended.code, 7)
  assert.match(ended.stderr, /"lose aws\/atlantis" is no what-if; regions are aws\/north, workloads w0/)
})

test('options that contradict each other are refused', async () => {
  for (const words of [['--out', 'a.json'], ['--problem', 'instance.json.gz', '--save-problem', 'a.json'], ['--what-if', 'price x2', '--save-problem', 'a.json']]) {
    const ended = await prescale('plan', ...words)
    assert.equal(ended.code, 7, words.join(' '))
    assert.match(ended.stderr, /option-unusable/)
  }
})

test("a project's plan is saved as a problem that gives it again, and comparing changes no document", async () => {
  await using project = aPrescaleProject()
  assert.equal((await project.prescale('forecast', '--json')).code, 0)
  const made = await project.prescale('plan', '--save-problem', 'problem.json.gz', '--json')
  assert.equal(made.code, 0, made.stderr)
  const { plan } = JSON.parse(made.stdout) as PlanOutcome
  const file = join(project.directory, 'problem.json.gz')
  const saved = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as InstanceDocument
  assert.equal(saved.steps, plan.grid.length)

  const again = await project.prescale('plan', '--problem', 'problem.json.gz', '--json')
  const { cost } = JSON.parse(again.stdout) as PlannedFile
  assert.ok(Math.abs(cost.total - plan.cost.totalUsd) < 0.001, `${cost.total} is not ${plan.cost.totalUsd}`)

  const documents = project.documents()
  const compared = await project.prescale('plan', '--what-if', 'demand x2', '--what-if', 'lose aws/us-east-1', '--json')
  assert.equal(compared.code, 0, compared.stderr)
  const [own, doubled] = JSON.parse(compared.stdout) as ComparedPlan[]
  assert.ok((doubled?.totalUsd ?? 0) > 1.5 * (own?.totalUsd ?? Infinity))
  const frontier = await project.prescale('plan', '--frontier', '--json')
  assert.deepEqual((JSON.parse(frontier.stdout) as FrontierPoint[]).map(({ latencyWeight }) => latencyWeight), [1, 0.25, 0.5, 2, 4, 1, 1, 1, 1, 1, 1])
  assert.deepEqual(project.documents(), documents)

  // the plan stands, and so does its problem
  const kept = await project.prescale('plan', '--save-problem', 'kept.json.gz', '--json')
  assert.equal((JSON.parse(kept.stdout) as PlanOutcome).kind, 'kept')
  assert.deepEqual(gunzipSync(readFileSync(join(project.directory, 'kept.json.gz'))), gunzipSync(readFileSync(file)))
})
