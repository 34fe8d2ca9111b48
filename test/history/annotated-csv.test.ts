import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { RawSamples } from '../../src/domain/history.ts'
import { AnnotatedCsvReader, AnswerFault } from '../../src/history/influx2/annotated-csv.ts'
import { SampleBuffer } from '../../src/history/sample-buffer.ts'
import { monday } from './builders.ts'

const userZones = ['asia', 'europe']

interface Answer extends RawSamples {
  readonly least: number
}

function read(chunks: readonly Uint8Array[]): Answer {
  const buffer = new SampleBuffer()
  const reader = new AnnotatedCsvReader({ userZoneTag: 'user_zone', userZones, fixedColumns: new Set(['workload']) }, buffer)
  for (const chunk of chunks) reader.push(chunk)
  reader.end()
  return { ...buffer.samples(userZones, new Uint32Array(2)), least: reader.least }
}

function lines(...of: readonly string[]): Buffer {
  return Buffer.from(of.map((line) => `${line}\r\n`).join(''))
}

const samples = [
  '#datatype,string,long,dateTime:RFC3339,double,string,string,string',
  '#group,false,false,false,false,true,true,true',
  '#default,samples,,,,,,',
  ',result,table,_time,_value,user_zone,host,workload',
]
const least = ['#datatype,string,long,long,string', '#group,false,false,false,true', '#default,least,,,', ',result,table,_value,user_zone']

const whole = lines(
  ...samples,
  ',,0,2026-01-26T00:00:00Z,1.5,asia,"a ""b"", c",web',
  ',,0,2026-01-26T00:05:00Z,2,asia,"a ""b"", c",web',
  ',,1,2026-01-26T00:00:00.25Z,3e2,europe,"zürich\n1",web',
  ',,2,2026-01-26T00:00:00Z,9,africa,lb,web',
  '',
  ...least,
  ',,0,-7,asia',
  ',,1,3,europe',
  '',
)

test('rows of several results are told apart, wherever the chunks are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(whole.length), { maxLength: 12 }), (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), whole.length]
      const answer = read(at.slice(1).map((end, index) => whole.subarray(at[index], end)))
      assert.deepEqual([...answer.values], [1.5, 2, 300])
      assert.deepEqual([...answer.atSeconds], [monday, monday + 300, monday + 0.25])
      assert.deepEqual([...answer.userZoneIndex], [0, 0, 1])
      assert.deepEqual(
        [...answer.reporterIndex].map((index) => answer.reporters[index]),
        ['host=a "b"\\, c', 'host=a "b"\\, c', 'host=zürich\n1'],
      )
      assert.equal(answer.least, -7)
    }),
  )
})

test('an answer cut anywhere is an error, except where a result was complete', () => {
  const complete = whole.indexOf('\r\n\r\n') + 4
  for (let end = 1; end < whole.length; end++) {
    if (end === complete) continue
    assert.throws(() => read([whole.subarray(0, end)]), AnswerFault, `cut after byte ${end}`)
  }
})

test('an empty answer is its closing line alone', () => {
  assert.equal(read([lines('')]).values.length, 0)
  assert.throws(() => read([]), /cut short/)
})

test('an error told after good rows is an error', () => {
  const broken = lines(
    ...samples,
    ',,0,2026-01-26T00:00:00Z,1,asia,lb,web',
    '',
    '#datatype,string,string',
    '#group,true,true',
    '#default,,',
    ',error,reference',
    ',"out of memory, sorry",',
    '',
  )
  assert.throws(() => read([broken]), /stopped in the middle of its answer: out of memory, sorry/)
})

test('an answer of another shape is an error that says what is missing', () => {
  assert.throws(
    () =>
      read([
        lines(
          '#datatype,string,long,dateTime:RFC3339,double',
          '#group,false,false,false,false',
          '#default,,,,',
          ',result,table,_time,_value',
          '',
        ),
      ]),
    /no column user_zone; it has _time, _value/,
  )
  assert.throws(() => read([lines(...samples.map((line) => line.replace('double', 'string')), '')]), /_value is of type string/)
  assert.throws(() => read([lines(...samples, ',,0,2026-01-26T00:00:00Z,1,asia', '')]), /a row has 6 columns, its header 8/)
})

test('a row without a value is no sample', () => {
  assert.deepEqual(
    [...read([lines(...samples, ',,0,2026-01-26T00:00:00Z,,asia,lb,web', ',,0,2026-01-26T00:05:00Z,4,asia,lb,web', '')]).values],
    [4],
  )
})

test('user zones are read from every row where they are not part of the group key', () => {
  const ungrouped = samples.map((line) => line.replaceAll('true', 'false'))
  const answer = read([lines(...ungrouped, ',,0,2026-01-26T00:00:00Z,1,asia,a,web', ',,0,2026-01-26T00:00:00Z,2,europe,b,web', '')])
  assert.deepEqual([...answer.userZoneIndex], [0, 1])
  assert.deepEqual(answer.reporters, ['host=a', 'host=b'])
})
