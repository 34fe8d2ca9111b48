import { rfc3339 } from '../../src/domain/grid.ts'
import { CsvSource } from '../../src/history/csv/source.ts'
import { LineProtocolSource } from '../../src/history/line-protocol/source.ts'
import { RecordedHistory } from '../fakes/recorded-history.ts'
import { historySourceContract } from './contract.ts'
import { fileWith } from './files.ts'
import { lineOf } from './line-of.ts'

historySourceContract({ name: 'memory', reporters: 'told apart', holding: (samples) => Promise.resolve(new RecordedHistory(samples)) })

historySourceContract({
  name: 'csv',
  reporters: 'unknown',
  holding: (samples) => {
    const rows = samples.map(({ tags, at, value }) => `${tags['workload']}/${tags['user_zone']},${rfc3339(at)},${value}`)
    return Promise.resolve(new CsvSource([fileWith(`series,timestamp,value\n${rows.join('\n')}\n`)], 'UTC'))
  },
})

historySourceContract({
  name: 'line protocol',
  reporters: 'told apart',
  holding: (samples) => Promise.resolve(new LineProtocolSource([fileWith(samples.map(lineOf).join(''))])),
})
