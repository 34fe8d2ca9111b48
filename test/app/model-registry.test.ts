import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ModelRegistry } from '../../src/app/model-registry.ts'
import { forecastDemand, type DemandForecastRequest } from '../../src/forecast/forecast-demand.ts'
import type { ModelLine, Trial } from '../../src/forecast/registry.ts'
import { packValue, type Training, unpackValue } from '../../src/forecast/trained-models.ts'
import { aHistory, dailyDemand, mondaySeconds } from '../forecast/series.ts'

const folders: string[] = []
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'prescale-models-'))
  folders.push(folder)
  return folder
}

const daySeconds = 86400
const registryIn = (folder: string, everySeconds = daySeconds): ModelRegistry => new ModelRegistry(folder, everySeconds, 'a backend')
const line: ModelLine = { of: 'files', stepSeconds: 3600, horizonSteps: 48, quantiles: [0.5, 0.95], seed: 1 }
const better: Trial = { series: 4, forecasts: 28, championLoss: 1.02, challengerLoss: 0.98 }
const hardlyBetter: Trial = { series: 4, forecasts: 28, championLoss: 1.004, challengerLoss: 0.996 }

/** A training whose models hold one number, so that versions differ. */
function aTraining(mark: number): Training {
  const trees = { quantiles: [0.5], start: Float32Array.of(mark), features: new Int32Array(0), thresholds: new Float32Array(0), left: new Int32Array(0), right: new Int32Array(0), roots: new Int32Array(0), leafValues: new Float32Array(0) }
  return { models: { early: [], forest: [{ kind: 'quantiles', unit: 'level', trees }], network: undefined, sequence: undefined }, window: { fromSeconds: 0, toSeconds: mark }, series: 1, dataHash: `data ${mark}`, settingsHash: 'settings' }
}

async function twoVersions(registry: ModelRegistry): Promise<void> {
  await registry.settle(line, 0, aTraining(1), undefined)
  await registry.settle(line, daySeconds, aTraining(2), better)
}

const numberInForce = async (registry: ModelRegistry): Promise<number | undefined> => (await registry.inForce(line))?.version.number

test('arrays of a packed value come back to the bit, NaN and −0 too', () => {
  const value = { a: Float32Array.of(0.1, Number.NaN, -0), b: [Int32Array.of(-5), { c: Float64Array.of(1 / 3) }], d: 'text' }
  assert.deepEqual(unpackValue(packValue(value)), value)
  assert.equal(Object.is((unpackValue(packValue(value)) as typeof value).a[2], -0), true)
})

test('the first version is put in force, a later one only when it is a hundredth better', async () => {
  const registry = registryIn(aFolder())
  assert.equal(await numberInForce(registry), undefined)
  await registry.settle(line, 0, aTraining(1), undefined)
  assert.equal(await numberInForce(registry), 1)
  await registry.settle(line, daySeconds, aTraining(2), hardlyBetter)
  assert.equal(await numberInForce(registry), 1)
  const { version, models } = await registry.settle(line, 2 * daySeconds, aTraining(3), better)
  assert.equal(version.number, 3)
  assert.deepEqual(models, aTraining(3).models)
  assert.deepEqual(registry.events().map((event) => event.kind), ['trained', 'promoted', 'trained', 'turned-down', 'trained', 'promoted'])
  assert.deepEqual(registry.events().at(-1), { atSeconds: 2 * daySeconds, kind: 'promoted', version: 3, replaced: 1, trial: better })
})

test('a challenger that could be tried on nothing is not put in force', async () => {
  const registry = registryIn(aFolder())
  await registry.settle(line, 0, aTraining(1), undefined)
  await registry.settle(line, daySeconds, aTraining(2), { series: 0, forecasts: 0, championLoss: 0, challengerLoss: 0 })
  assert.equal(await numberInForce(registry), 1)
})

test('models are due a day after the last training, not at every cycle, and never while a version is pinned', async () => {
  const registry = registryIn(aFolder())
  assert.equal(registry.due(line, 0), true)
  await registry.settle(line, 1000, aTraining(1), undefined)
  assert.equal(registry.due(line, 1000 + daySeconds - 3600), false)
  assert.equal(registry.due(line, 1000 + daySeconds), true)
  registry.record({ atSeconds: 2000, kind: 'pinned', version: 1 })
  assert.equal(registry.due(line, 1000 + 9 * daySeconds), false)
  assert.equal(registry.due({ ...line, seed: 2 }, 1000), true, 'another line has versions of its own')
})

test('a pinned version is used before the champion until it is unpinned', async () => {
  const registry = registryIn(aFolder())
  await twoVersions(registry)
  registry.record({ atSeconds: 0, kind: 'pinned', version: 1 })
  assert.equal(await numberInForce(registry), 1)
  registry.record({ atSeconds: 0, kind: 'unpinned', version: 1 })
  assert.equal(await numberInForce(registry), 2)
})

test('after a roll-back the version before is in force, and a later one can replace it', async () => {
  const registry = registryIn(aFolder())
  await twoVersions(registry)
  registry.record({ atSeconds: 2 * daySeconds, kind: 'rolled-back', version: 1, replaced: 2 })
  assert.equal(await numberInForce(registry), 1)
  await registry.settle(line, 3 * daySeconds, aTraining(3), better)
  assert.equal(await numberInForce(registry), 3)
  assert.deepEqual(registry.lines()[0]?.champions, [1, 3])
})

test('weights that were changed on disk are not used: the version before stands in', async () => {
  const folder = aFolder()
  const registry = registryIn(folder)
  await twoVersions(registry)
  const second = registry.lines()[0]?.versions[1]
  assert.ok(second !== undefined)
  const file = registry.weightsFile(second)
  writeFileSync(file, readFileSync(file, 'utf8').replace('AAAAQA==', 'AACAQA=='))
  assert.equal(await numberInForce(registry), 1)
})

const request: DemandForecastRequest = {
  originSeconds: mondaySeconds + 24 * daySeconds,
  planned: { stepSeconds: 3600, horizonSteps: 24 },
  finer: undefined,
  quantiles: [0.1, 0.5, 0.9, 0.95, 0.99],
  seed: 1,
}
const demand = [dailyDemand(26, 1, 300), dailyDemand(26, 2, 300).map((value) => value * 40)]

test('cycles of one day share a version, name it in their forecasts, and give the same numbers as if it had been trained for them', async () => {
  const registry = registryIn(aFolder())
  const [first] = await forecastDemand(aHistory(demand), request, undefined, registry)
  const [later] = await forecastDemand(aHistory(demand), { ...request, originSeconds: request.originSeconds + 3600 }, undefined, registry)
  assert.match(first?.tables[0]?.modelVersion ?? '', /^v1 [0-9a-f]{16}$/)
  assert.equal(later?.tables[0]?.modelVersion, first?.tables[0]?.modelVersion)
  const [alone] = await forecastDemand(aHistory(demand), request, undefined)
  assert.deepEqual(first?.tables[0]?.values, alone?.tables[0]?.values)
})

test('a day later a challenger is tried from origins that neither version has seen', async () => {
  const registry = registryIn(aFolder())
  await forecastDemand(aHistory(demand), request, undefined, registry)
  await forecastDemand(aHistory(demand), { ...request, originSeconds: request.originSeconds + daySeconds }, undefined, registry)
  const [state] = registry.lines()
  assert.equal(state?.versions.length, 2)
  const verdict = registry.events().at(-1)
  assert.ok(verdict?.kind === 'promoted' || verdict?.kind === 'turned-down')
  assert.equal(verdict.trial?.forecasts, 14)
  assert.ok(Math.abs(verdict.trial.championLoss + verdict.trial.challengerLoss - 2) < 1e-9)
  const [one, two] = state.versions
  assert.equal((two?.trainingWindow.toSeconds ?? 0) - (one?.trainingWindow.toSeconds ?? 0), daySeconds)
  assert.notEqual(two?.dataHash, one?.dataHash)
})
