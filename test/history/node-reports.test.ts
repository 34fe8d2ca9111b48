import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { RegionKey } from '../../src/domain/pool.ts'
import { LineProtocolSource } from '../../src/history/line-protocol/source.ts'
import { readNodeReports } from '../../src/history/node-reports.ts'
import { reporterName, reporterTags } from '../../src/history/reporter-name.ts'
import { day, monday } from './builders.ts'
import { fileWith } from './files.ts'

const regions: readonly RegionKey[] = [
  { cloud: 'aws', region: 'eu-west-1' },
  { cloud: 'gcp', region: 'us-east1' },
]
const grid = { startSeconds: monday + day - 600, stepSeconds: 300, length: 4 }

function report(
  host: string,
  idle: number,
  step: number,
  over: { region?: string; workload?: string; type?: string; cpu?: string } = {},
): string {
  const { region = 'aws/eu-west-1', workload = 'web', type = 'm7g.large', cpu = 'cpu-total' } = over
  return `cpu,cpu=${cpu},host=${host},region=${region},type=${type},workload=${workload} usage_idle=${idle} ${grid.startSeconds + step}000000000\n`
}

test('nodes are counted once a step and weighed by the vCPUs of their types, across midnight', async () => {
  const lines = [
    report('a', 75, 0) + report('a', 25, 10) + report('b', 0, 20),
    report('a', 50, 300) +
      report('c', 50, 300, { type: 'unknown' }) +
      report('d', 0, 300, { workload: 'batch' }) +
      report('a', 0, 300, { cpu: 'cpu0' }),
    report('a', 90, 600) + report('e', 20, 600, { region: 'gcp/us-east1', type: 'n2-standard-4' }),
    report('a', -3, 900),
  ]
  const vcpu = new Map([
    ['aws m7g.large', 2],
    ['gcp n2-standard-4', 4],
  ])
  const vcpuOf = ({ cloud }: RegionKey, type: string): number | undefined => vcpu.get(`${cloud} ${type}`)
  const source = new LineProtocolSource([fileWith(lines.join(''))])
  const reports = await readNodeReports(source, { workload: 'web', regions, vcpuOf }, grid, new AbortController().signal)
  assert.deepEqual(
    reports.map(({ cloud, reportingNodes, untypedNodes, reportingVcpu, busyVcpu }) => [
      cloud,
      [...reportingNodes],
      [...untypedNodes],
      [...reportingVcpu],
      [...busyVcpu].map((busy) => Number(busy.toFixed(6))),
    ]),
    [
      ['aws', [2, 2, 1, 0], [0, 1, 0, 0], [4, 2, 2, 0], [3, 1, 0.2, Number.NaN]],
      ['gcp', [0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 4, 0], [Number.NaN, Number.NaN, 3.2, Number.NaN]],
    ],
  )
})

test("a reporter's name gives back the tags it was made of", () => {
  const text = fc.string({ unit: fc.constantFrom('a', ',', '=', '\\', ' ', 'ü'), minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(fc.dictionary(text, text, { noNullPrototype: true }), (tags) => {
      assert.deepEqual(Object.fromEntries(reporterTags(reporterName(Object.entries(tags)))), tags)
    }),
  )
})
