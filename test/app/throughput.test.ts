import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Project } from '../../src/app/project.ts'
import { learnedThroughputs, learnThroughput, plannedWith, throughputOf } from '../../src/app/throughput.ts'
import { loadConfiguration, settingsHash } from '../../src/config/load-settings.ts'
import type { DemandHistory } from '../../src/domain/history.ts'
import type { LiveCounts } from '../../src/domain/observation.ts'
import { FileStore } from '../../src/store/file-store.ts'
import { aFileCoordination } from '../support/file-coordination.ts'

const catalogueText = readFileSync(new URL('../../catalogue.yaml', import.meta.url), 'utf8')
const truth = 0.02
/** 2026-01-28T12:00:00Z; the project's clock stands two minutes later. */
const origin = 1_769_601_600
const grid = { startSeconds: origin - 86_400, stepSeconds: 300, length: 288 }
const demand = Float64Array.from({ length: grid.length }, (_, step) => 300 + 200 * Math.sin((2 * Math.PI * step) / 288))
const pool = { cloud: 'aws', region: 'us-east-1', workload: 'web', type: 'm7g.xlarge', option: 'on-demand' } as const

/** The week's demand; of the learning only the values matter. */
const history: DemandHistory = {
  grid,
  hash: 'of this test',
  series: ['east', 'west'].map((userZone) => ({
    workload: 'web',
    userZone,
    unit: 'requests/s',
    values: demand.map((units) => units / 2),
    faults: {
      notANumber: 0,
      infinite: 0,
      negative: 0,
      counterReset: 0,
      duplicate: 0,
      outOfOrder: 0,
      frozenSteps: 0,
      daylightSaving: 0,
      outlier: 0,
    },
    coverage: 1,
    newestSeconds: origin,
  })),
}

function live(ready: number): LiveCounts {
  return { atSeconds: origin, pools: [{ ...pool, group: 'web', min: 0, desired: ready, max: 9, ready }] }
}

/** What four nodes of four vCPUs report while they carry the demand. */
function reports(steps: number, vcpuPerUnit = truth): string {
  const tags = (host: number): string => `cpu=cpu-total,host=n${host},region=aws/us-east-1,type=m7g.xlarge,workload=web`
  const lines = Array.from({ length: steps }, (_, step) => {
    const idle = 100 - (100 * vcpuPerUnit * (demand[step] ?? 0)) / 16
    return [1, 2, 3, 4].map((host) => `cpu,${tags(host)} usage_idle=${idle} ${grid.startSeconds + 300 * step}000000000\n`)
  })
  return lines.flat().join('')
}

interface Learning extends Disposable {
  readonly warnings: readonly string[]
  /** Opens the project again, as the next command does. */
  project(change?: { readonly initial?: number; readonly source?: string; readonly laterSeconds?: number }): Project
  report(text: string): void
}

function aLearning(): Learning {
  const root = mkdtempSync(join(tmpdir(), 'prescale-learning-'))
  const warnings: string[] = []
  mkdirSync(join(root, 'nodes'))
  return {
    warnings,
    report: (text) => writeFileSync(join(root, 'nodes', 'cpu.lp'), text),
    project({ initial = 0.03, source = 'line-protocol, paths: [demand.lp], nodePaths: [nodes/*.lp]', laterSeconds = 0 } = {}) {
      const text = `name: shop
history: { source: ${source} }
userZones: [{ name: east, latitude: 40, longitude: -74 }, { name: west, latitude: 40, longitude: -80 }]
regions: [{ cloud: aws, region: us-east-1, zones: [us-east-1a, us-east-1b, us-east-1c] }]
workloads:
  - name: web
    unit: requests/s
    demand: { measurement: http_requests, kind: count }
    userZones: [east, west]
    serves: { learn: { from: cpu, initialVcpuPerUnit: ${initial} } }
    types: [m7g.xlarge]
`
      const { settings, catalogue } = loadConfiguration({ text, file: 'prescale.yaml' }, () => ({
        text: catalogueText,
        file: 'catalogue.yaml',
      }))
      const narrator = { begin: () => {}, progress: () => {}, end: () => {}, warn: (line: string) => void warnings.push(line) }
      return {
        root,
        settings,
        catalogue,
        hashes: { settings: settingsHash(settings), catalogue: '' },
        store: new FileStore(join(root, 'store')),
        coordination: () => Promise.resolve(aFileCoordination(root)),
        sandbox: undefined,
        world: {
          env: {},
          cwd: root,
          now: () => origin + 120 + laterSeconds,
          sleep: () => Promise.resolve(),
          random: () => 0.5,
          narrator,
          signal: new AbortController().signal,
        },
      }
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  }
}

const planned = async (project: Project): Promise<number> => 4 / (await throughputOf(project))(pool)
const isNear = (value: number, wanted: number): void => assert.ok(Math.abs(value / wanted - 1) < 0.005, `${value} is not ${wanted}`)

test('until something was learned the initial value is planned with, and the settings’ own hash', async () => {
  using learning = aLearning()
  const project = learning.project()
  assert.equal((await plannedWith(project)).hash, project.hashes.settings)
  await learnThroughput(project, history, live(4))
  isNear(await planned(project), 0.03)
  assert.equal((await learnedThroughputs(project)).get('web')?.estimate.kind, 'none')
  assert.deepEqual(learning.warnings, [])
})

test('what was learned is planned with from then on, under another hash, and learned once per origin', async () => {
  using learning = aLearning()
  learning.report(reports(288))
  const project = learning.project()
  await learnThroughput(project, history, live(4))
  isNear(await planned(project), truth)
  assert.notEqual((await plannedWith(project)).hash, project.hashes.settings)
  learning.report(reports(288, 0.03))
  await learnThroughput(learning.project({ laterSeconds: 600 }), history, live(4))
  isNear(await planned(learning.project()), truth)
  await learnThroughput(learning.project({ laterSeconds: 3600 }), history, live(4))
  isNear(await planned(learning.project()), 0.03)
})

test('a value that is far off is reached in several cycles, each from the last one’s', async () => {
  using learning = aLearning()
  learning.report(reports(288))
  const values: number[] = []
  for (const cycle of [0, 1, 2]) {
    const project = learning.project({ initial: 0.07, laterSeconds: 3600 * cycle })
    await learnThroughput(project, history, live(4))
    values.push(Number((await planned(project)).toFixed(3)))
  }
  assert.deepEqual(values, [0.035, 0.02, 0.02])
})

test('while live nodes are missing from the reports nothing is lowered, but more is believed', async () => {
  using learning = aLearning()
  learning.report(reports(288))
  await learnThroughput(learning.project(), history, live(5))
  isNear(await planned(learning.project()), 0.03)
  learning.report(reports(288, 0.028))
  await learnThroughput(learning.project({ initial: 0.02 }), history, live(5))
  isNear(await planned(learning.project({ initial: 0.02 })), 0.028)
})

test('reports that ended more than six hours ago lower nothing', async () => {
  using learning = aLearning()
  learning.report(reports(288 - 73))
  await learnThroughput(learning.project(), history, live(4))
  isNear(await planned(learning.project()), 0.03)
  learning.report(reports(288 - 71))
  await learnThroughput(learning.project({ laterSeconds: 3600 }), history, live(4))
  isNear(await planned(learning.project()), truth)
})

test('another initial value begins anew', async () => {
  using learning = aLearning()
  learning.report(reports(288))
  await learnThroughput(learning.project(), history, live(4))
  isNear(await planned(learning.project({ initial: 0.05 })), 0.05)
})

test('reports that cannot be read are told, keep what was learned, and are tried again', async () => {
  using learning = aLearning()
  learning.report(reports(288))
  await learnThroughput(learning.project(), history, live(4))
  learning.report('cpu,cpu=cpu-total,host=n1 usage_idle=5\n')
  const next = learning.project({ laterSeconds: 3600 })
  await learnThroughput(next, history, live(4))
  assert.equal(learning.warnings.length, 1)
  assert.match(learning.warnings[0] ?? '', /^nothing was learned of web: .*timestamp/s)
  isNear(await planned(next), truth)
  learning.report(reports(288, 0.025))
  await learnThroughput(next, history, live(4))
  isNear(await planned(next), 0.025)
})

test('CSV holds demand alone: the initial value stays', async () => {
  using learning = aLearning()
  learning.report(reports(288))
  const project = learning.project({ source: 'csv, paths: [demand.csv]' })
  await learnThroughput(project, history, live(4))
  isNear(await planned(project), 0.03)
  assert.deepEqual(learning.warnings, [])
})
