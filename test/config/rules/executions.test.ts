import assert from 'node:assert/strict'
import { test } from 'node:test'
import { edited, settingsFaults } from '../faults-of.ts'

const zones = '    userZones: [us-east]\n'
const served = '    serves: { perUnit: { vcpu: 0.02 } }\n'
const files = ['{ source: influx2, url: http://localhost:8086, org: platform, bucket: telegraf }', '{ source: csv, paths: [a.csv] }'] as const
const after = (name: string, dependsOn: string): string =>
  `  - name: ${name}\n    unit: requests/s\n    demand: { measurement: http_requests, kind: count }\n    userZones: [us-east]\n    serves: { perUnit: { vcpu: 0.02 } }\n    dependsOn: [${dependsOn}]\n`

/** What stands in the file, and the faults that follow. */
const faulty: readonly (readonly [sentence: string, text: string, ...faults: readonly string[]])[] = [
  ['where executions are told, of requests', edited(['kind: count', 'kind: count, executions: { paths: [runs.csv] }']), 'p.yaml:10:68 workloads[0].demand.executions: is used with kind count, expected kind executions'],
  ['what an execution takes, of requests', edited(['kind: count', 'kind: count, executions: { takes: vcpu }']), 'p.yaml:10:68 workloads[0].demand.executions: is used with kind count, expected kind executions'],
  ['what an execution uses of a resource, of requests', edited(['kind: count', 'kind: count, executions: { uses: { cpu: vcpu } }']), 'p.yaml:10:68 workloads[0].demand.executions: is used with kind count, expected kind executions'],
  ['Flux of executions', edited(['kind: count', "kind: executions, flux: 'range({{from}}, {{to}}, {{every}})'"]), 'p.yaml:10:67 workloads[0].demand.flux: is used with kind executions, whose fields are read one by one'],
  ['executions that only files of demand could tell', edited(files, ['kind: count', 'kind: executions']), 'p.yaml:10:49 workloads[0].demand.kind: is executions, which files of demand cannot tell; expected executions.paths'],
  ['a workload that depends on itself', edited([zones, `${zones}    dependsOn: [web]\n`]), 'p.yaml:12:17 workloads[0].dependsOn[0]: is the workload itself, expected another one'],
  ['a driver with a slip of the pen', edited([served, served + after('api', 'wbe')]), 'p.yaml:18:17 workloads[1].dependsOn[0]: wbe is not a configured workload; did you mean web?'],
  ['a driver that is like none', edited([served, served + after('api', 'billing')]), 'p.yaml:18:17 workloads[1].dependsOn[0]: billing is not a configured workload, expected one of web, api'],
  ['two workloads that depend on each other, each told', edited([zones, `${zones}    dependsOn: [api]\n`], [served, served + after('api', 'web')]), 'p.yaml:12:17 workloads[0].dependsOn[0]: api depends on web in turn', 'p.yaml:19:17 workloads[1].dependsOn[0]: web depends on api in turn'],
  [
    'a circle of three, each told',
    edited([zones, `${zones}    dependsOn: [api]\n`], [served, served + after('api', 'jobs') + after('jobs', 'web')]),
    'p.yaml:12:17 workloads[0].dependsOn[0]: api depends on web in turn',
    'p.yaml:19:17 workloads[1].dependsOn[0]: jobs depends on api in turn',
    'p.yaml:25:17 workloads[2].dependsOn[0]: web depends on jobs in turn',
  ],
]

for (const [sentence, text, ...faults] of faulty) {
  test(`${sentence}: ${faults[0]?.slice(faults[0].indexOf(' ') + 1, 90)}`, () => assert.deepEqual(settingsFaults(text), faults))
}

test('executions from the history or from files of their own, with a driver before them, are no fault', () => {
  assert.deepEqual(settingsFaults(edited(['kind: count', 'kind: executions, executions: { takes: vcpu }'], [served, served + after('api', 'web')])), [])
  assert.deepEqual(settingsFaults(edited(files, ['kind: count', 'kind: executions, executions: { paths: [runs.csv] }'])), [])
})
