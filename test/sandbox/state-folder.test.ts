import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { CloudError } from '../../src/sandbox/clouds/cloud-api.ts'
import { converge, want } from '../../src/sandbox/groups.ts'
import { anchor, StateFolder } from '../../src/sandbox/state-folder.ts'
import { aStateFolder, aTemporaryFolder, aWorld, day, hour, monday } from './a-world.ts'

const program = fileURLToPath(new URL('folder-child.ts', import.meta.url))

function child(directory: string, task: string, argument = '') {
  return spawn(process.execPath, [program, directory, task, argument], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Text of every metric file by its path, and the state. */
function contents(directory: string): { readonly state: unknown; readonly metrics: Readonly<Record<string, string>> } {
  const metrics = readdirSync(join(directory, 'metrics'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.lp')).sort()
  return {
    state: JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8')),
    metrics: Object.fromEntries(metrics.map((name) => [name, readFileSync(join(directory, 'metrics', name), 'utf8')])),
  }
}

test('changes of six processes at once are all kept, while time passes in a seventh', { timeout: 120_000 }, async (context) => {
  const directory = aTemporaryFolder(context)
  const folder = aStateFolder(directory)
  const children = [...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => child(directory, 'records', name)), child(directory, 'advance', '12')]
  const codes = await Promise.all(children.map(async (process) => (await once(process, 'exit'))[0] as number))
  assert.deepEqual(codes, [0, 0, 0, 0, 0, 0, 0])
  const state = folder.snapshot()
  assert.equal(Object.values(state.resources).filter(({ token }) => token.endsWith(':Record')).length, 90)
  assert.equal(state.nowSeconds, monday + 12 * 900)
  assert.equal(state.nodes.filter((node) => node.state === 'ready').length, 3)
})

test('two processes that let time pass at once add up', { timeout: 60_000 }, async (context) => {
  const directory = aTemporaryFolder(context)
  const folder = aStateFolder(directory)
  await Promise.all([child(directory, 'advance', '8'), child(directory, 'advance', '8')].map((process) => once(process, 'exit')))
  assert.equal(folder.snapshot().nowSeconds, monday + 16 * 900)
})

test('killed at any moment and carried on by others, the clouds and their metrics are those of an undisturbed life', { timeout: 120_000 }, async (context) => {
  const disturbed = aTemporaryFolder(context)
  const folder = aStateFolder(disturbed)
  for (const turns of [1, 2, 3, 5, 8, 13]) {
    const process = child(disturbed, 'advance', '1000000')
    let seen = 0
    process.stdout.on('data', (dots: Buffer) => {
      seen += dots.length
      if (seen >= turns) process.kill('SIGKILL')
    })
    const [, signal] = (await once(process, 'exit')) as [number | null, string | null]
    assert.equal(signal, 'SIGKILL')
  }
  folder.advance(300, () => undefined)
  const undisturbed = aTemporaryFolder(context)
  aStateFolder(undisturbed).advance(folder.snapshot().nowSeconds - monday, () => undefined)
  assert.deepEqual(contents(disturbed), contents(undisturbed))
})

test('lines of a step that was killed before its state was kept are cut off, also those of a new day', (context) => {
  const disturbed = aTemporaryFolder(context)
  const folder = aStateFolder(disturbed)
  folder.advance(day - 300, () => undefined)
  appendFileSync(join(disturbed, 'metrics', 'demand', '2026-01-26.lp'), 'http_requests,workload=web,user_zo')
  appendFileSync(join(disturbed, 'metrics', 'demand', '2026-01-27.lp'), 'http_requests,workload=web,user_zone=us-east count=1i 1\n')
  folder.advance(hour, () => undefined)
  const undisturbed = aTemporaryFolder(context)
  aStateFolder(undisturbed).advance(day - 300 + hour, () => undefined)
  assert.deepEqual(contents(disturbed), contents(undisturbed))
})

test('the lock of a killed process is free at once, and a held lock does not keep anyone from reading', { timeout: 60_000 }, async (context) => {
  const directory = aTemporaryFolder(context)
  const folder = aStateFolder(directory)
  const holder = child(directory, 'hold')
  await once(holder.stdout, 'data')
  assert.equal(folder.snapshot().nowSeconds, monday)
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  const before = performance.now()
  folder.change((state) => (state.rate = 0))
  assert.ok(performance.now() - before < 1000)
})

test('a creation that was killed midway is done anew', (context) => {
  const directory = aTemporaryFolder(context)
  aStateFolder(directory, aWorld({ historySeconds: day }))
  const whole = contents(directory)
  renameSync(join(directory, 'state.json'), join(directory, 'state.json.new'))
  appendFileSync(join(directory, 'metrics', 'demand', '2026-01-25.lp'), 'http_req')
  aStateFolder(directory, aWorld({ historySeconds: day }))
  assert.deepEqual(contents(directory), whole)
})

test('the history before the start holds demand of every step and user zone, stamped with the start of its step, and nothing else', (context) => {
  const directory = aTemporaryFolder(context)
  aStateFolder(directory, aWorld({ historySeconds: day }))
  const lines = readFileSync(join(directory, 'metrics', 'demand', '2026-01-25.lp'), 'utf8').trim().split('\n')
  assert.equal(lines.length, 2 * 288)
  assert.equal(lines[0], `http_requests,workload=web,user_zone=us-east count=18000i ${monday - day}000000000`)
  assert.equal(lines.at(-1), `http_requests,workload=web,user_zone=eu-west count=12000i ${monday - 300}000000000`)
  assert.deepEqual(readdirSync(join(directory, 'metrics')), ['demand'])
})

test('a step is reported once it has ended: demand, what each node used, what was served', (context) => {
  const directory = aTemporaryFolder(context)
  aStateFolder(directory).advance(899, () => undefined)
  const at = `${monday + 300}000000000`
  const of = (stream: string): string[] => readFileSync(join(directory, 'metrics', stream, '2026-01-26.lp'), 'utf8').trim().split('\n')
  assert.equal(of('demand').length, 2 * 2)
  assert.deepEqual(of('service').at(-1), `service,workload=web demand=30000i,served=30000i,dropped=0i,ready_nodes=3i ${at}`)
  const nodes = of('nodes').filter((line) => line.endsWith(at))
  assert.equal(nodes.length, 3 * 4)
  const [, idle = ''] = /^cpu,cpu=cpu-total,cloud=aws,host=web-[0-9a-f]{4}-0001,region=aws\/us-east-1,type=m6i.xlarge,workload=web usage_idle=([\d.]+) /.exec(nodes[0] ?? '') ?? []
  // 10 of 12 vCPUs are busy; nodes differ by 3 percent of that
  assert.ok(Math.abs(100 - Number(idle) - 83.33) <= 2.5, idle)
  assert.match(nodes[1] ?? '', /^mem,cloud=aws,host=web-[0-9a-f]{4}-0001,.* used=10651518894i,used_percent=62\.00 /)
  // counters stand as at the step's start: a step of ten busy vCPUs on three nodes lies behind, in which they began to serve
  const counters = (line: string | undefined): number[] => [...(line ?? '').matchAll(/=(\d+)i/g)].map((match) => Number(match[1]))
  const [received = 0, sent] = counters(nodes[2])
  assert.match(nodes[2] ?? '', /^net,interface=eth0,.* bytes_recv=\d+i,bytes_sent=\d+i /)
  assert.ok(received > (0.9 * 0.4e6 * 300 * 10) / 3 && received <= (0.4e6 * 300 * 10) / 3, `${received}`)
  assert.match(nodes[3] ?? '', /^diskio,name=disk0,.* read_bytes=\d+i,write_bytes=\d+i /)
  assert.deepEqual([sent, ...counters(nodes[3])], [4 * received, received / 4, (3 * received) / 4])
})

test('a clock that runs by itself is caught up with at each look, and stands still at rate 0', (context) => {
  const directory = aTemporaryFolder(context)
  aStateFolder(directory)
  let wall = 1000
  const folder = new StateFolder(directory, () => wall)
  folder.change((state) => {
    state.rate = 60
    anchor(state, wall)
  })
  wall += 90
  assert.equal(folder.snapshot().nowSeconds, monday + 5400)
  folder.advance(600, () => undefined)
  assert.equal(folder.snapshot().nowSeconds, monday + 6000)
  wall += 10
  assert.equal(folder.snapshot().nowSeconds, monday + 6600)
  folder.change((state) => (state.rate = 0))
  wall += 1000
  assert.equal(folder.snapshot().nowSeconds, monday + 6600)
})

test('what a refused change did is not kept, but that it was asked is counted', (context) => {
  const directory = aTemporaryFolder(context)
  const folder = aStateFolder(directory)
  const before = folder.snapshot()
  assert.throws(
    () =>
      folder.change((state) => {
        state.nodes = []
        throw new CloudError('Refused', 'no')
      }),
    /Refused: no/,
  )
  assert.deepEqual(folder.snapshot(), { ...before, apiCalls: before.apiCalls + 1 })
})

test('a world that another process has replaced is the one that is lived in from then on', (context) => {
  const directory = aTemporaryFolder(context)
  const early = aStateFolder(directory)
  early.advance(300, () => undefined)
  const world = { ...aWorld(), hashes: { scenario: 'scenario', scenarioText: 'text', catalogue: 'dearer' } }
  new StateFolder(directory, () => 0).replaceWorld({ ...world, types: world.types.map((type) => ({ ...type, usdPerHour: { 'us-east-1': { 'on-demand': 77 } } })) })
  early.change((state, known) => {
    const [group] = Object.values(state.groups)
    if (group === undefined) throw new Error('no group')
    want(group, 4)
    converge(state, known, group)
  })
  assert.deepEqual(early.snapshot().nodes.map(({ usdPerHour }) => usdPerHour), [0.4, 0.4, 0.4, 77])
})

test('clouds that another version of prescale has written are refused, not misread', (context) => {
  const directory = aTemporaryFolder(context)
  const folder = aStateFolder(directory)
  const file = join(directory, 'state.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"format":\d+/, '"format":0'))
  assert.throws(() => folder.snapshot(), /OtherFormat: .* was written by another version of prescale/)
})

test('a folder without clouds is told as such and stays untouched', (context) => {
  const directory = join(aTemporaryFolder(context), 'none')
  assert.throws(() => new StateFolder(directory, () => 0).change(() => undefined), /NoSandbox: there are no simulated clouds in/)
  assert.equal(existsSync(directory), false)
})
