import type { FeedFaults } from './feed-faults.ts'

/** One field of a row and where it stands. */
export interface CsvField {
  readonly text: string
  readonly line: number
  readonly column: number
}

/** A table with a header. Rows hold the fields of the columns that are there, by lower-case name. */
export interface CsvTable {
  readonly columns: ReadonlySet<string>
  readonly rows: readonly ReadonlyMap<string, CsvField>[]
}

/**
 * Reads CSV: quoted fields may hold commas, line breaks and doubled quotes. Empty lines are passed over.
 * @param needed  columns that must be there, in lower case
 * @returns no rows when the header lacks one of them
 * @see RFC 4180
 */
export function csvTable(text: string, needed: readonly string[], faults: FeedFaults): CsvTable {
  const [header, ...records] = csvRecords(text.replace(/^\uFEFF/, ''), faults)
  const names = (header ?? []).map((field) => field.text.trim().toLowerCase())
  const missing = needed.filter((name) => !names.includes(name))
  if (missing.length > 0) {
    faults.add(1, 1, '', header === undefined ? `is empty, expected a header with ${needed.join(', ')}` : `the header lacks ${missing.join(' and ')}; it has ${names.join(', ')}`)
    return { columns: new Set(names), rows: [] }
  }
  const rows = records.flatMap((record) => {
    if (record.length === names.length) return [new Map(names.map((name, index): [string, CsvField] => [name, record[index] ?? { text: '', line: 1, column: 1 }]))]
    faults.add(record[0]?.line ?? 1, 1, '', `has ${record.length} columns, the header has ${names.length}`)
    return []
  })
  return { columns: new Set(names), rows }
}

function csvRecords(text: string, faults: FeedFaults): CsvField[][] {
  const records: CsvField[][] = []
  let record: CsvField[] = []
  let line = 1
  let lineStart = 0
  let at = 0
  while (at < text.length) {
    const place = { line, column: at - lineStart + 1 }
    let field = ''
    if (text[at] === '"') {
      at += 1
      for (;;) {
        const close = text.indexOf('"', at)
        if (close < 0) {
          faults.add(place.line, place.column, '', 'a quote does not end')
          return records
        }
        field += text.slice(at, close)
        at = close + 1
        if (text[at] !== '"') break
        field += '"'
        at += 1
      }
      const breaks = field.split('\n').length - 1
      if (breaks > 0) {
        line += breaks
        lineStart = text.lastIndexOf('\n', at - 1) + 1
      }
    }
    const start = at
    while (at < text.length && text[at] !== ',' && text[at] !== '\n') at += 1
    const rest = text.slice(start, at).replace(/\r$/, '')
    record.push({ text: field + rest, ...place })
    const ends = at >= text.length || text[at] === '\n'
    at += 1
    if (!ends) {
      if (at === text.length) record.push({ text: '', line, column: at - lineStart + 1 })
      else continue
    }
    if (record.length > 1 || record[0]?.text !== '') records.push(record)
    record = []
    line += 1
    lineStart = at
  }
  return records
}
