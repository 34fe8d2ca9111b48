import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { rfc3339 } from '../../src/domain/grid.ts'
import { CsvSource } from '../../src/history/csv/source.ts'
import { LineProtocolSource } from '../../src/history/line-protocol/source.ts'
import { RecordedHistory } from '../fakes/recorded-history.ts'
import { historySourceContract } from './contract.ts'
import { lineOf } from './line-of.ts'

const folder = mkdtempSync(join(tmpdir(), 'prescale-history-'))
after(() => rmSync(folder, { recursive: true }))
let files = 0

function fileOf(text: string): string {
  const file = join(folder, `demand-${files++}`)
  writeFileSync(file, text)
  return file
}

historySourceContract({ name: 'memory', reporters: 'told apart', holding: (samples) => Promise.resolve(new RecordedHistory(samples)) })

historySourceContract({
  name: 'csv',
  reporters: 'unknown',
  holding: (samples) => {
    const rows = samples.map(({ tags, at, value }) => `${tags['workload']}/${tags['user_zone']},${rfc3339(at)},${value}`)
    return Promise.resolve(new CsvSource([fileOf(`series,timestamp,value\n${rows.join('\n')}\n`)], 'UTC'))
  },
})

historySourceContract({
  name: 'line protocol',
  reporters: 'told apart',
  holding: (samples) => Promise.resolve(new LineProtocolSource([fileOf(samples.map(lineOf).join(''))])),
})
