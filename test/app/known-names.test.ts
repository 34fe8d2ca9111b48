import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { knownNames } from '../../src/app/known-names.ts'
import { writeDesiredState } from '../../src/documents/desired-state-file.ts'
import type { DesiredPool } from '../../src/domain/desired-state.ts'
import { groupName, poolName } from '../../src/domain/pool.ts'

const key = { cloud: 'aws', region: 'us-east-1', workload: 'web', type: 'm7g.large', option: 'spot' } as const
const pool: DesiredPool = {
  ...key,
  group: groupName(key),
  owns: 'count',
  was: 1,
  min: 1,
  desired: 2,
  max: 3,
  schedule: [{ minuteOfDay: 60, min: 1, desired: 1, max: 3 }],
  reason: 'demand rises',
  usdPerNodeHour: 0.03,
  launch: { subnets: [], securityGroups: [], zones: ['us-east-1a'], tags: { team: 'web' } },
}

let root = ''
before(() => {
  root = mkdtempSync(join(tmpdir(), 'prescale-names-'))
  mkdirSync(join(root, 'stacks'))
  mkdirSync(join(root, 'forecasts', 'web'), { recursive: true })
  const state = { cloud: key.cloud, region: key.region, pools: [pool], traffic: [], planId: '0123456789abcdef', expiresSeconds: 0 }
  writeFileSync(join(root, 'stacks', 'aws-us-east-1.yaml'), writeDesiredState(state))
  writeFileSync(join(root, 'stacks', 'Pulumi.sandbox.aws-us-east-1.yaml'), '')
  writeFileSync(join(root, 'stacks', '$(reboot).yaml'), '')
  writeFileSync(join(root, 'forecasts', 'web', 'us-east.yaml'), '')
  writeFileSync(join(root, 'forecasts', 'web', 'us-east.svg'), '')
  writeFileSync(join(root, 'forecasts', 'web', 'us-east.memory.yaml'), '')
  writeFileSync(join(root, 'forecasts', 'web.yaml'), '')
  mkdirSync(join(root, 'forecasts', 'web', 'aws'))
  writeFileSync(join(root, 'forecasts', 'web', 'aws', 'us-east-1.cpu.yaml'), '')
})
after(() => rmSync(root, { recursive: true, force: true }))

test('stacks, series and pools are named as commands take them', () => {
  assert.deepEqual(knownNames('stack', root), ['aws-us-east-1'])
  assert.deepEqual(knownNames('series', root), ['web/us-east'])
  assert.deepEqual(knownNames('pool', root), [poolName(key)])
  assert.deepEqual(knownNames('explained', root), [poolName(key), 'web', 'web/aws/us-east-1.cpu', 'web/us-east', 'web/us-east.memory'])
})

test('a project in which nothing was written yet has no names', () => {
  for (const kind of ['stack', 'series', 'pool'] as const) assert.deepEqual(knownNames(kind, join(root, 'forecasts')), [])
})
