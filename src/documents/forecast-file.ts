import {
  type Contribution,
  contributionParts,
  type DemandPlace,
  type ExplainedContext,
  type DemandSubject,
  type Exclusion,
  type ForecastAccuracy,
  type ForecastTable,
  type MemberWeight,
  type Resource,
  resources,
  subjectName,
  type SubjectForecast,
} from '../domain/forecast.ts'
import { rfc3339, stepStart } from '../domain/grid.ts'
import { Problem } from '../domain/problem.ts'
import { type DocumentPath, readYaml } from './read-yaml.ts'
import { writeYaml } from './yaml-document.ts'

const schemaName = 'prescale.forecast/2'
const what = 'the forecast'

/** @returns `forecasts/web/us-east.yaml`, relative to the project; the picture stands beside it as `.svg` */
export function forecastFile(subject: DemandSubject): string {
  return `forecasts/${subjectName(subject)}.yaml`
}

/** @returns `forecasts/web/us-east.svg` */
export function pictureFile(subject: DemandSubject): string {
  return `forecasts/${subjectName(subject)}.svg`
}

/** @returns whether a text is a forecast file of the version that is written now; one of another is made anew rather than read */
export function isCurrentForecast(text: string): boolean {
  return new RegExp(`^schema: ${schemaName}$`, 'm').test(text)
}

/** Figures in documents: more digits would be noise that makes every diff longer. */
const significantDigits = 4

/** @returns `value` as it reads in a document */
export function documentFigure(value: number): number {
  return Number(value.toPrecision(significantDigits))
}

/** @returns the forecast with the figures that its file holds, so that planning gives the same result before and after a save */
export function asWritten(forecast: SubjectForecast): SubjectForecast {
  return readForecast(writeForecast(forecast), forecastFile(forecast.subject))
}

/** @returns the file's text; per table one row per step, one column per quantile */
export function writeForecast(forecast: SubjectForecast): string {
  const { subject, explanation, quantiles } = forecast
  const { peak } = explanation
  return writeYaml(
    {
      schema: schemaName,
      workload: subject.workload,
      resource: subject.resource,
      place: writtenPlace(subject.place),
      unit: forecast.unit,
      origin: rfc3339(forecast.originSeconds),
      drivers: explanation.sentences,
      peak: {
        at: rfc3339(peak.atSeconds),
        median: documentFigure(peak.median),
        parts: Object.fromEntries(peak.contributions.map(({ part, value }) => [part, documentFigure(value)])),
      },
      excluded: explanation.excluded.length === 0 ? undefined : explanation.excluded,
      context: explanation.context && rounded(explanation.context),
      model: forecast.model,
      historyHash: forecast.historyHash,
      quantiles,
      tables: forecast.tables.map((table) => writtenTable(table, quantiles)),
    },
    ['Written by prescale: demand to come, as quantiles per step. The picture beside it shows the same.'],
  )
}

/** A value of plain data with the figures that a document holds; instants keep their seconds. */
function rounded<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value, (key, item: unknown) => (typeof item === 'number' && !key.endsWith('Seconds') ? documentFigure(item) : item))) as Value
}

function writtenPlace(place: DemandPlace): string | Readonly<Record<string, string>> {
  switch (place.kind) {
    case 'everywhere':
      return 'everywhere'
    case 'user-zone':
      return { userZone: place.userZone }
    case 'region':
      return { region: place.region }
    default:
      return place satisfies never
  }
}

function writtenTable({ statistic, grid, members, accuracy, modelVersion, values }: ForecastTable, quantiles: readonly number[]): unknown {
  const rows = Array.from({ length: grid.length }, (_, step): [string, number[]] => [
    rfc3339(stepStart(grid, step)),
    quantiles.map((_quantile, row) => documentFigure(values[row * grid.length + step] ?? 0)),
  ])
  return {
    statistic,
    stepSeconds: grid.stepSeconds,
    members: Object.fromEntries(members.map(({ member, weight }) => [member, Number(weight.toFixed(3))])),
    accuracy: accuracy && writtenAccuracy(accuracy),
    modelVersion,
    values: Object.fromEntries(rows),
  }
}

function writtenAccuracy(accuracy: ForecastAccuracy): AccuracyDocument {
  return {
    origins: accuracy.origins,
    weightedQuantileLoss: documentFigure(accuracy.weightedQuantileLoss),
    naiveWeightedQuantileLoss: documentFigure(accuracy.naiveWeightedQuantileLoss),
    coverage95: Number(accuracy.coverage95.toFixed(3)),
    steps: accuracy.steps,
    exceeded: accuracy.exceeded,
    worst: accuracy.worst.map(({ atSeconds, demand, p95 }) => ({ at: rfc3339(atSeconds), demand: documentFigure(demand), p95: documentFigure(p95) })),
  }
}

interface AccuracyDocument extends Omit<ForecastAccuracy, 'worst'> {
  readonly worst: readonly { readonly at: string; readonly demand: number; readonly p95: number }[]
}

interface TableDocument {
  readonly statistic: ForecastTable['statistic']
  readonly stepSeconds: number
  readonly members: Readonly<Record<string, number>>
  readonly accuracy?: AccuracyDocument
  readonly modelVersion?: string
  readonly values: Readonly<Record<string, readonly number[]>>
}

interface ForecastDocument {
  readonly schema: string
  readonly workload: string
  readonly resource: Resource
  readonly place: 'everywhere' | { readonly userZone?: string; readonly region?: string }
  readonly unit: string
  readonly origin: string
  readonly drivers: readonly string[]
  readonly peak: { readonly at: string; readonly median: number; readonly parts: Readonly<Partial<Record<Contribution['part'], number>>> }
  readonly excluded?: readonly Exclusion[]
  readonly context?: ExplainedContext
  readonly model: string
  readonly historyHash: string
  readonly quantiles: readonly number[]
  readonly tables: readonly TableDocument[]
}

/** Ends reading with a fault at a place in the document. */
type Refuse = (path: DocumentPath, message: string) => never

/**
 * Reads a forecast file.
 * @throws Problem `input-invalid` when it is not one, or when the rows of a table are not a regular, finite, ordered grid
 */
export function readForecast(text: string, file: string): SubjectForecast {
  const placed = readYaml(text, file, what)
  const refuse: Refuse = (path, message) => {
    throw new Problem('input-invalid', { what, faults: [placed.fault(path, message)] })
  }
  const document = placed.value as ForecastDocument | null
  if (document === null || typeof document !== 'object' || document.schema !== schemaName) return refuse(['schema'], `expected ${schemaName}; prescale forecast writes it anew`)
  for (const key of ['workload', 'unit', 'origin', 'model', 'historyHash'] as const) if (typeof document[key] !== 'string') refuse([key], 'expected text')
  const { workload, resource, unit, quantiles, tables, drivers, peak, model, historyHash } = document
  if (!resources.includes(resource)) refuse(['resource'], `expected one of ${resources.join(', ')}`)
  if (!Array.isArray(quantiles) || quantiles.length === 0) return refuse(['quantiles'], 'expected a list of quantiles')
  if (!Array.isArray(tables) || tables.length === 0) return refuse(['tables'], 'expected at least one table')
  if (!Array.isArray(drivers)) return refuse(['drivers'], 'expected a list of sentences')
  if (typeof peak?.at !== 'string' || typeof peak.median !== 'number' || typeof peak.parts !== 'object') return refuse(['peak'], 'expected at, median and parts')
  const originSeconds = instant(document.origin, ['origin'], refuse)
  return {
    subject: { workload, resource, place: readPlace(document.place, refuse) },
    unit,
    originSeconds,
    quantiles,
    tables: tables.map((table: TableDocument, index) => readTable(table, ['tables', index], { quantiles, originSeconds }, refuse)),
    explanation: {
      peak: {
        atSeconds: instant(peak.at, ['peak', 'at'], refuse),
        median: peak.median,
        contributions: contributionParts.flatMap((part): Contribution[] => {
          const value = peak.parts[part]
          return value === undefined ? [] : [{ part, value }]
        }),
      },
      excluded: document.excluded ?? [],
      ...(document.context === undefined ? {} : { context: document.context }),
      sentences: drivers,
    },
    model,
    historyHash,
  }
}

function instant(text: string, path: DocumentPath, refuse: Refuse): number {
  const seconds = Date.parse(text) / 1000
  return Number.isFinite(seconds) ? seconds : refuse(path, 'expected an RFC 3339 time')
}

function readPlace(place: ForecastDocument['place'], refuse: Refuse): DemandPlace {
  if (place === 'everywhere') return { kind: 'everywhere' }
  if (typeof place?.userZone === 'string') return { kind: 'user-zone', userZone: place.userZone }
  if (typeof place?.region === 'string') return { kind: 'region', region: place.region }
  return refuse(['place'], 'expected everywhere, a userZone or a region')
}

function readTable(
  table: TableDocument,
  path: DocumentPath,
  { quantiles, originSeconds }: { readonly quantiles: readonly number[]; readonly originSeconds: number },
  refuse: Refuse,
): ForecastTable {
  const { statistic, stepSeconds, values, accuracy, modelVersion } = table
  if (statistic !== 'peak' && statistic !== 'mean') refuse([...path, 'statistic'], 'expected peak or mean')
  if (!(stepSeconds > 0)) refuse([...path, 'stepSeconds'], 'expected seconds above 0')
  if (values === null || typeof values !== 'object') return refuse([...path, 'values'], 'expected one row per step')
  const rows = Object.entries(values)
  const matrix = new Float64Array(quantiles.length * rows.length)
  rows.forEach(([time, row], step) => {
    const place = [...path, 'values', time]
    if (Date.parse(time) / 1000 !== originSeconds + step * stepSeconds) refuse(place, `expected the step ${rfc3339(originSeconds + step * stepSeconds)}`)
    if (!Array.isArray(row) || row.length !== quantiles.length) return refuse(place, `expected ${quantiles.length} figures, one per quantile`)
    row.forEach((value: unknown, index) => {
      const below = index === 0 ? 0 : row[index - 1]
      if (typeof value !== 'number' || !Number.isFinite(value) || value < below) refuse(place, 'expected finite figures that do not fall from left to right')
      matrix[index * rows.length + step] = Number(value)
    })
  })
  return {
    statistic,
    grid: { startSeconds: originSeconds, stepSeconds, length: rows.length },
    values: matrix,
    members: Object.entries(table.members ?? {}).map(([member, weight]): MemberWeight => ({ member, weight })),
    modelVersion,
    accuracy: accuracy && {
      ...accuracy,
      worst: (accuracy.worst ?? []).map(({ at, demand, p95 }, i) => ({ atSeconds: instant(at, [...path, 'accuracy', 'worst', i, 'at'], refuse), demand, p95 })),
    },
  }
}
