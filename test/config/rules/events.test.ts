import assert from 'node:assert/strict'
import { test } from 'node:test'
import { edited, settingsFaults } from '../faults-of.ts'

const head = 'name: shop\n'
const zones = '    userZones: [us-east]\n'
const files = ['{ source: influx2, url: http://localhost:8086, org: platform, bucket: telegraf }', '{ source: csv, paths: [a.csv] }'] as const

/** What stands in the file, and the one fault that follows. */
const single: readonly (readonly [sentence: string, text: string, fault: string])[] = [
  [
    'two feeds of events of one name, one of the project and one of a workload',
    edited([head, `${head}events: [{ name: sales, format: csv, from: a.csv }]\n`], [zones, `${zones}    events: [{ name: sales, format: csv, from: b.csv }]\n`]),
    'p.yaml:13:22 workloads[0].events[0].name: sales stands twice, first at events[0].name',
  ],
  [
    'two numbers of one name',
    edited([head, `${head}regressors:\n  - { source: csv, name: rain, from: a.csv }\n  - { source: json, name: rain, from: b.json }\n`]),
    'p.yaml:4:27 regressors[1].name: rain stands twice, first at regressors[0].name',
  ],
  ['an address that is not of the web', edited([head, `${head}events: [{ name: sales, format: ical, from: 'ftp://example.org/a.ics' }]\n`]), 'p.yaml:2:45 events[0].from: is no http or https address, expected a file or an address such as https://example.org/events.ics'],
  ['an address that is none', edited([head, `${head}regressors: [{ source: csv, name: rain, from: 'https://' }]\n`]), 'p.yaml:2:47 regressors[0].from: is no http or https address, expected a file or an address such as https://example.org/events.ics'],
  ['a password in an address', edited([head, `${head}events: [{ name: sales, format: ical, from: 'https://me:s3cr3t@example.org/a.ics' }]\n`]), 'p.yaml:2:45 events[0].from: holds a user name or password, expected the address alone: a token is read from the environment (tokenEnv)'],
  ['a time zone that there is not', edited([zones, `${zones}    events: [{ name: sales, format: csv, from: a.csv, timeZone: Europe/Berlyn }]\n`]), 'p.yaml:12:65 workloads[0].events[0].timeZone: is "Europe/Berlyn", expected an IANA time zone such as Europe/Berlin'],
  ['a workload that is not configured', edited([head, `${head}events: [{ name: sales, format: csv, from: a.csv, workloads: [wbe] }]\n`]), 'p.yaml:2:63 events[0].workloads[0]: wbe is not a configured workload; did you mean web?'],
  ['a user zone that is not configured', edited([zones, `${zones}    regressors: [{ source: csv, name: rain, from: a.csv, userZones: [us-est] }]\n`]), 'p.yaml:12:70 workloads[0].regressors[0].userZones[0]: us-est is not a configured user zone; did you mean us-east?'],
  ['a number of the history where the history is files of demand', edited(files, [head, `${head}regressors: [{ source: history, name: rain, measurement: weather }]\n`]), 'p.yaml:2:24 regressors[0].source: is history, which reads InfluxDB or line protocol, with history.source csv; expected csv or json'],
]

for (const [sentence, text, fault] of single) {
  test(`${sentence} is one fault: ${fault.slice(fault.indexOf(' ') + 1, 90)}`, () => assert.deepEqual(settingsFaults(text), [fault]))
}

test('an event and a number may share a name, and feeds of files, addresses and histories stand side by side', () => {
  const text = edited([
    head,
    `${head}events: [{ name: sales, format: ical, from: 'https://example.org/a.ics', timeZone: Europe/Berlin, workloads: [web], userZones: [us-east] }]\n` +
      'regressors: [{ source: history, name: sales, measurement: weather }, { source: csv, name: rain, from: data/rain.csv }]\n',
  ])
  assert.deepEqual(settingsFaults(text), [])
})
