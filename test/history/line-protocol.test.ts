import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import type { DemandQuery, RawSamples } from '../../src/domain/history.ts'
import { Problem } from '../../src/domain/problem.ts'
import { LineProtocolSource } from '../../src/history/line-protocol/source.ts'
import { aQuery, day, monday } from './builders.ts'
import { fileWith, folderWith } from './files.ts'
import { lineOf } from './line-of.ts'

const never = new AbortController().signal

function readDay(paths: readonly string[], query: Partial<DemandQuery> = {}): Promise<RawSamples> {
  return new LineProtocolSource(paths).read(aQuery(query), { fromSeconds: monday, toSeconds: monday + day }, 300, never)
}

async function faultsOf(content: string): Promise<readonly string[]> {
  const error: unknown = await readDay([fileWith(content)]).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof Problem && error.code === 'input-invalid', String(error))
  return (error as Problem<'input-invalid'>).facts.faults.map(({ line, column, message }) => `${line}:${column} ${message}`)
}

test('floats, integers and unsigned integers are read, whatever stands beside them', async () => {
  const page = await readDay([
    fileWith(
      [
        '# written by telegraf',
        `requests,user_zone=asia,workload=web errors=2i,count=1.5,note="a, \\"b\\" = c",up=true ${monday}000000000`,
        '',
        `requests,workload=web,user_zone=asia count=7i ${monday + 300}500000000  \r`,
        `requests,user_zone=asia,workload=web count=8u,errors=1i ${monday + 600}000000000`,
        `requests,user_zone=asia,workload=web errors=1i ${monday + 900}000000000`,
        `memory,user_zone=asia,workload=web count=9 ${monday}000000000`,
        `requests,user_zone=asia,workload=web count=NaN ${monday + 1200}000000000`,
      ].join('\n'),
    ),
  ])
  assert.deepEqual([...page.values], [1.5, 7, 8, Number.NaN])
  assert.deepEqual([...page.atSeconds], [monday, monday + 300.5, monday + 600, monday + 1200])
  assert.deepEqual(page.reporters, [''])
})

test('any names and tags, escaped as the protocol wants, are found by their own text', async () => {
  const name = fc
    .string({ unit: fc.constantFrom('a', 'Z', ',', '=', ' ', '"', 'ü', '#', '/', '{'), minLength: 1, maxLength: 6 })
    .filter((text) => !text.startsWith('#'))
  await fc.assert(
    fc.asyncProperty(name, name, name, name, async (measurement, field, zone, host) => {
      const sample = { measurement, field, at: monday, tags: { workload: 'web', user_zone: zone, host } }
      const file = fileWith(
        lineOf({ ...sample, value: 3 }) + lineOf({ ...sample, tags: { ...sample.tags, user_zone: `${zone}x` }, value: 4 }),
      )
      const page = await readDay([file], { measurement, field, userZones: [zone] })
      assert.deepEqual([...page.values], [3])
      assert.deepEqual(page.reporters, [`host=${host.replace(/[,=]/g, '\\$&')}`])
    }),
    { numRuns: 60 },
  )
})

test('tags in another order are the same reporter', async () => {
  const line = (tags: string, value: number, at: number): string => `requests,${tags} count=${value} ${at}000000000\n`
  const page = await readDay([
    fileWith(
      line('workload=web,user_zone=asia,host=a,region=eu', 1, monday) +
        line('region=eu,host=a,user_zone=asia,workload=web', 2, monday + 300),
    ),
  ])
  assert.deepEqual(page.reporters, ['host=a,region=eu'])
  assert.deepEqual([...page.reporterIndex], [0, 0])
})

test('daily files, packed or not, are read by glob', async () => {
  const line = (at: number): string => `requests,workload=web,user_zone=asia count=1i ${at}000000000\n`
  const folder = folderWith({ '2026-01-26.lp': line(monday), '2026-01-27.lp.gz': gzipSync(line(monday + 300)) })
  assert.equal((await readDay([join(folder, '*.lp*')])).values.length, 2)
})

test('a sample that cannot be placed or is no number is a fault with its place; all are told at once', async () => {
  assert.deepEqual(
    await faultsOf(
      [
        'requests,user_zone=asia,workload=web count=1i',
        `requests,user_zone=asia,workload=web count=1i ${monday}`,
        `requests,user_zone=asia,workload=web count=1i ${monday}000000000x`,
        `requests,user_zone=asia,workload=web count="many" ${monday}000000000`,
        `requests,user_zone=asia,workload=web count=true ${monday}000000000`,
        `requests,user_zone=asia,workload=web count=1i,note="open ${monday}000000000`,
        `requests,user_zone=,workload=web count=1i ${monday}000000000`,
        'requests,user_zone=asia,workload=web',
        `requests,user_zone=asia,workload=web count ${monday}000000000`,
      ].join('\n'),
    ),
    [
      '1:46 has no timestamp: the sample cannot be placed in time',
      `2:47 timestamp is ${monday}, expected nanoseconds since 1970`,
      `3:47 timestamp is ${monday}000000000x, expected nanoseconds since 1970`,
      '4:44 count is "many", not a number',
      '5:44 count is true, not a number',
      '6:52 a text has no closing quote',
      '7:1 the tag "user_zone=" is not name=value',
      '8:37 has no fields, expected measurement,tags fields timestamp',
      '9:38 a field has no value',
    ],
  )
})

test('28 days of nine series in daily files cost less than half a second of CPU', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 28 }, (_, at) => {
      const lines = Array.from({ length: 288 }, (_, step) =>
        ['batch', 'checkout', 'web']
          .flatMap((workload) =>
            ['asia', 'europe', 'us'].map(
              (zone) => `requests,workload=${workload},user_zone=${zone} count=${step * 7}i ${monday + at * day + step * 300}000000000\n`,
            ),
          )
          .join(''),
      )
      return [`${at}.lp`, lines.join('')]
    }),
  )
  const paths = [join(folderWith(files), '*.lp')]
  const before = process.cpuUsage()
  const page = await new LineProtocolSource(paths).read(
    aQuery({ userZones: ['asia', 'europe', 'us'] }),
    { fromSeconds: monday, toSeconds: monday + 28 * day },
    300,
    never,
  )
  const { user, system } = process.cpuUsage(before)
  assert.equal(page.values.length, 28 * 288 * 3)
  assert.ok(user + system < 500_000, `${(user + system) / 1000} ms`)
})
