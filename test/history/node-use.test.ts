import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadHistory } from '../../src/history/load-history.ts'
import { nodeUseQueries, type NodeUseQuery, regionUse, type RegionUse } from '../../src/history/node-use.ts'
import { noPages } from '../../src/history/pages.ts'
import { RecordedHistory, type RecordedSample } from '../fakes/recorded-history.ts'
import { monday } from './builders.ts'

const wanted: NodeUseQuery = {
  workload: 'web',
  regions: [
    { cloud: 'aws', region: 'eu-west-1' },
    { cloud: 'gcp', region: 'us-east1' },
    { cloud: 'azure', region: 'eastus' },
  ],
  resources: ['cpu', 'memory', 'network', 'disk'],
  types: [
    { cloud: 'aws', type: 'm7g.large', vcpu: 2 },
    { cloud: 'aws', type: 'm7g.xlarge', vcpu: 4 },
    { cloud: 'gcp', type: 'n2-standard-8', vcpu: 8 },
  ],
}

const sample = (measurement: string, field: string, step: number, value: number, tags: Readonly<Record<string, string>>): RecordedSample => ({
  measurement,
  field,
  at: monday + step * 300,
  value,
  tags: { workload: 'web', region: 'aws/eu-west-1', host: 'a', type: 'm7g.large', ...tags },
})

async function use(samples: readonly RecordedSample[]): Promise<readonly RegionUse[]> {
  const window = { asOfSeconds: monday + 1200, windowSeconds: 1200, stepSeconds: 300, settleSeconds: 0, latenessSeconds: 0 }
  const history = await loadHistory(new RecordedHistory(samples), nodeUseQueries(wanted), window, noPages, () => undefined, new AbortController().signal)
  return regionUse(wanted, history)
}

const rounded = (uses: readonly RegionUse[]): unknown => uses.map(({ resource, region, unit, values }) => [resource, region, unit, Array.from(values, (value) => Number(value.toFixed(6)))])

test('CPU use is the busy share of the vCPUs of each node’s type, added up per region', async () => {
  const cpu = { cpu: 'cpu-total' }
  const found = await use([
    sample('cpu', 'usage_idle', 0, 75, cpu),
    sample('cpu', 'usage_idle', 0, 50, { ...cpu, host: 'b', type: 'm7g.xlarge' }),
    sample('cpu', 'usage_idle', 0, 0, { ...cpu, host: 'c', workload: 'batch' }),
    sample('cpu', 'usage_idle', 0, 0, { cpu: 'cpu0' }),
    sample('cpu', 'usage_idle', 1, 0, { ...cpu, host: 'd', region: 'gcp/us-east1', type: 'n2-standard-8' }),
  ])
  assert.deepEqual(rounded(found), [
    ['cpu', 'aws/eu-west-1', 'vCPU', [2.5, 0, Number.NaN, Number.NaN]],
    ['cpu', 'gcp/us-east1', 'vCPU', [0, 8, Number.NaN, Number.NaN]],
  ])
})

test('memory is a mean per node within the step, added up over nodes', async () => {
  const found = await use([
    sample('mem', 'used', 0, 2 ** 30, {}),
    { ...sample('mem', 'used', 0, 3 * 2 ** 30, {}), at: monday + 60 },
    sample('mem', 'used', 0, 2 ** 29, { host: 'b' }),
  ])
  assert.deepEqual(rounded(found), [['memory', 'aws/eu-west-1', 'GiB', [2.5, Number.NaN, Number.NaN, Number.NaN]]])
})

test('network and disk are both directions of counters, per second; a restart counts on from zero', async () => {
  const counters = (measurement: string, fields: readonly string[], totals: readonly number[]): RecordedSample[] =>
    fields.flatMap((field) => totals.map((total, step) => sample(measurement, field, step, total, {})))
  const found = await use([
    ...counters('net', ['bytes_recv', 'bytes_sent'], [0, 300e6, 600e6, 300e6]),
    ...counters('diskio', ['read_bytes', 'write_bytes'], [0, 300e6, 900e6, 1200e6]),
  ])
  assert.deepEqual(rounded(found), [
    ['network', 'aws/eu-west-1', 'Mbit/s', [16, 16, 16, Number.NaN]],
    ['disk', 'aws/eu-west-1', 'MB/s', [2, 4, 2, Number.NaN]],
  ])
  assert.equal(found[0]?.faults.counterReset, 2)
})

test('a direction that is not reported leaves the resource out rather than too low', async () => {
  assert.deepEqual(await use([0, 1, 2].map((step) => sample('net', 'bytes_recv', step, step * 1e6, {}))), [])
})
