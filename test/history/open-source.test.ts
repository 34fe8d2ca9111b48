import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Settings, WorkloadSettings } from '../../src/config/schema.ts'
import { demandQueries } from '../../src/history/demand-queries.ts'
import { openHistorySource } from '../../src/history/open-source.ts'

const access = { token: 'very-secret', random: () => 0, wait: () => Promise.resolve() }

test('each kind of settings opens its source, whose description never holds the token', async () => {
  const settings: readonly Settings['history'][] = [
    { source: 'influx2', url: 'http://metrics:8086/', org: 'shop', bucket: 'telegraf', tokenEnv: 'INFLUX_TOKEN', timeout: 60 },
    { source: 'csv', paths: ['demand/*.csv'], timeZone: 'Europe/Berlin' },
    { source: 'line-protocol', paths: ['a.lp', 'b.lp'] },
  ]
  const sources = await Promise.all(settings.map((one) => openHistorySource(one, access)))
  assert.deepEqual(
    sources.map(({ description, rereading }) => [description, rereading]),
    [
      ['influx2 http://metrics:8086/shop/telegraf', 'costly'],
      ['csv demand/*.csv', 'cheap'],
      ['line-protocol a.lp b.lp', 'cheap'],
    ],
  )
})

test('a workload is read by the tag of its name, unless its settings give the tag another value', () => {
  const demand = { measurement: 'requests', field: 'count', kind: 'count', userZoneTag: 'zone', scale: 1, flux: undefined }
  const workload = (tags: Record<string, string>): WorkloadSettings =>
    ({ name: 'web', unit: 'r/s', userZones: ['eu'], demand: { ...demand, tags } }) as unknown as WorkloadSettings
  assert.deepEqual(
    demandQueries([workload({ environment: 'live' }), workload({ workload: 'shop' })]).map(({ workload: name, tags }) => [name, tags]),
    [
      ['web', { workload: 'web', environment: 'live' }],
      ['web', { workload: 'shop' }],
    ],
  )
})
