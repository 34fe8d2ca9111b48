import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { loadSettings } from '../../../src/config/load-settings.ts'
import { smallestSettings } from '../../../src/config/reference-files.ts'
import type { Executions } from '../../../src/domain/history.ts'
import { faultLine, Problem } from '../../../src/domain/problem.ts'
import { TimeZone } from '../../../src/domain/time-zone.ts'
import { readExecutionCsv } from '../../../src/history/executions/csv.ts'

const folder = mkdtempSync(join(tmpdir(), 'prescale-runs-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const settings = loadSettings(smallestSettings.replace('kind: count', 'kind: executions, executions: { takes: vcpu, uses: { disk: mbytes, memory: gib } }'), 'p.yaml')
const [workload] = settings.workloads
assert.ok(workload !== undefined)

function read(...rows: readonly string[]): Promise<readonly Executions[]> {
  const file = join(folder, 'runs.csv')
  writeFileSync(file, `${['workload,userZone,start,duration,vcpu,gib,mbytes', ...rows].join('\n')}\n`)
  assert.ok(workload !== undefined)
  return readExecutionCsv([file], workload, new TimeZone('UTC'), new AbortController().signal)
}

test('each resource is a list of its own over the same runs; what is not told of one is what most take of it', async () => {
  const lists = await read('web,us-east,2026-01-26T13:00:00Z,60,2,8,100', 'web,us-east,2026-01-26T12:00:00Z,,1,,50', 'jobs,us-east,2026-01-26T12:00:00Z,5,1,1,1')
  assert.deepEqual(
    lists.map(({ resource, userZone, startSeconds, durationSeconds, takes }) => [resource, userZone, startSeconds.length, [...durationSeconds], [...takes]]),
    [
      ['requests', 'us-east', 2, [Number.NaN, 60], [1, 2]],
      ['memory', 'us-east', 2, [Number.NaN, 60], [8, 8]],
      ['disk', 'us-east', 2, [Number.NaN, 60], [50, 100]],
    ],
  )
})

test('every figure that is none is told at its line and column', async () => {
  await assert.rejects(read('web,us-east,2026-01-26T13:00:00Z,60,2,-8,100', 'web,us-east,2026-01-26T13:00:00Z,60,2,8,fast'), (error) => {
    assert.ok(error instanceof Problem && error.code === 'input-invalid')
    const told = (error as Problem<'input-invalid'>).facts.faults.map((one) => faultLine(one).replace(/^.*runs\.csv/, 'runs.csv'))
    assert.deepEqual(told, ['runs.csv:2:39 gib is "-8", expected a number from 0', 'runs.csv:3:41 mbytes is "fast", expected a number from 0'])
    return true
  })
})
