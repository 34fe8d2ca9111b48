import type { WorkloadSettings } from '../../config/schema.ts'
import type { Executions } from '../../domain/history.ts'
import type { TimeZone } from '../../domain/time-zone.ts'
import { type Field, splitLine } from '../csv/parse.ts'
import { FaultList, type InputFile, matchingFiles, readInputFile } from '../input-files.ts'
import { parseInstant, parseLocalTime } from '../parse-instant.ts'
import { parseNumber } from '../parse-number.ts'
import { amountFields } from './amount-fields.ts'
import { executionsOf, type ToldExecution } from './source.ts'

/**
 * Executions of one workload in CSV files: the columns workload, userZone, start, and those that the settings name. An empty duration is one
 * that still runs.
 * @param paths  files or globs, absolute, gzip or not
 * @param zone   of times without an offset
 * @throws Problem `input-invalid` with the faults of all files; Problem `file-missing`
 */
export async function readExecutionCsv(paths: readonly string[], workload: WorkloadSettings, zone: TimeZone, signal: AbortSignal): Promise<readonly Executions[]> {
  const told: ToldExecution[] = []
  const faults = new FaultList()
  for (const file of matchingFiles(paths)) {
    signal.throwIfAborted()
    parse(await readInputFile(file), workload, zone, told, faults)
  }
  faults.throwIfAny('a list of executions')
  return executionsOf(workload, told)
}

function parse({ file, bytes }: InputFile, workload: WorkloadSettings, zone: TimeZone, into: ToldExecution[], faults: FaultList): void {
  const { duration } = workload.demand.executions
  const amountColumns = amountFields(workload)
  const needed = ['workload', 'userZone', 'start', duration, ...amountColumns.map(({ field }) => field)]
  let columns: readonly number[] | undefined
  let width = 0
  let line = 0
  const fields: Field[] = []
  for (let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0; at < bytes.length; ) {
    line += 1
    const feed = bytes.indexOf(0x0a, at)
    const stop = feed < 0 ? bytes.length : feed
    const start = at
    const end = stop > at && bytes[stop - 1] === 0x0d ? stop - 1 : stop
    at = stop + 1
    if (start === end) continue
    const count = splitLine(bytes, start, end, fields)
    const texts = fields.slice(0, Math.max(0, count)).map((field) => bytes.toString('utf8', field.start, field.end).trim())
    if (columns === undefined) {
      const names = texts.map((text) => text.toLowerCase())
      columns = needed.map((name) => names.indexOf(name.toLowerCase()))
      width = count
      const missing = needed.filter((_, index) => (columns?.[index] ?? -1) < 0)
      if (missing.length === 0) continue
      faults.add(file, line, 1, `the header lacks ${missing.join(' and ')}; it has ${texts.join(', ')}`)
      return
    }
    if (count !== width) {
      faults.add(file, line, 1, `has ${count < 0 ? 'a quote that does not end' : `${count} columns`}, the header has ${width}`)
      continue
    }
    const [name, userZone, , durationText, ...amountTexts] = columns.map((column) => texts[column] ?? '')
    if (name !== workload.name) continue
    const timeField = fields[columns[2] ?? 0] as Field
    const startSeconds = instantOf(bytes, timeField, zone)
    const columnOf = (index: number): number => (fields[columns?.[index] ?? 0]?.start ?? start) - start + 1
    if (Number.isNaN(startSeconds)) faults.add(file, line, columnOf(2), `start is ${JSON.stringify(texts[columns[2] ?? 0])}, expected a time such as 2026-01-26T13:00:00Z`)
    const durationSeconds = numberOf(durationText)
    if (durationSeconds === undefined || durationSeconds < 0) faults.add(file, line, columnOf(3), `${duration} is ${JSON.stringify(durationText)}, expected seconds from 0, or nothing while it runs`)
    const amounts = amountColumns.map(({ resource }, index) => ({ resource, amount: numberOf(amountTexts[index]) }))
    amounts.forEach(({ amount }, index) => {
      if (amount === undefined || amount < 0) faults.add(file, line, columnOf(4 + index), `${amountColumns[index]?.field} is ${JSON.stringify(amountTexts[index])}, expected a number from 0`)
    })
    if (!workload.userZones.includes(userZone ?? '')) faults.add(file, line, columnOf(1), `userZone is ${JSON.stringify(userZone)}, expected one of ${workload.userZones.join(', ')}`)
    if (Number.isNaN(startSeconds) || durationSeconds === undefined || amounts.some(({ amount }) => amount === undefined)) continue
    into.push({ userZone: userZone ?? '', startSeconds, durationSeconds, amounts: Object.fromEntries(amounts.map(({ resource, amount }) => [resource, amount])) })
  }
  if (columns === undefined) faults.add(file, 1, 1, `is empty, expected a header with ${needed.join(', ')}`)
}

/** @returns NaN for no text; undefined for one that is no number */
function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return Number.NaN
  const bytes = Buffer.from(text)
  const value = parseNumber(bytes, 0, bytes.length)
  return Number.isFinite(value) ? value : undefined
}

function instantOf(bytes: Buffer, { start, end }: Field, zone: TimeZone): number {
  const instant = parseInstant(bytes, start, end)
  if (!Number.isNaN(instant)) return instant
  const local = parseLocalTime(bytes, start, end)
  return Number.isNaN(local) ? Number.NaN : zone.instant(local)
}
