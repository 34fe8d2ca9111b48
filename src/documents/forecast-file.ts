import type { DemandForecast, MemberWeight } from '../domain/forecast.ts'
import { rfc3339, stepStart } from '../domain/grid.ts'
import type { SeriesKey } from '../domain/history.ts'
import { Problem } from '../domain/problem.ts'
import { readYaml } from './read-yaml.ts'
import { writeYaml } from './yaml-document.ts'

const schemaName = 'prescale.forecast/1'
const what = 'the forecast'

/** @returns `forecasts/web/us-east.yaml`, relative to the project; the picture stands beside it as `.svg` */
export function forecastFile(key: SeriesKey): string {
  return `forecasts/${key.workload}/${key.userZone}.yaml`
}

/** Figures in documents: more digits would be noise that makes every diff longer. */
const significantDigits = 4

/** @returns `value` as it reads in a document */
export function documentFigure(value: number): number {
  return Number(value.toPrecision(significantDigits))
}

/** @returns the forecast with the figures that its file holds, so that planning gives the same result before and after a save */
export function asWritten(forecast: DemandForecast): DemandForecast {
  return readForecast(writeForecast(forecast), forecastFile(forecast))
}

/** @returns the file's text; one row per step, one column per quantile */
export function writeForecast(forecast: DemandForecast): string {
  const { grid, quantiles, values } = forecast
  const rows = Array.from({ length: grid.length }, (_, step): [string, number[]] => [
    rfc3339(stepStart(grid, step)),
    quantiles.map((_quantile, row) => documentFigure(values[row * grid.length + step] ?? 0)),
  ])
  return writeYaml(
    {
      schema: schemaName,
      workload: forecast.workload,
      userZone: forecast.userZone,
      unit: forecast.unit,
      statistic: forecast.statistic,
      origin: rfc3339(forecast.originSeconds),
      stepSeconds: grid.stepSeconds,
      drivers: forecast.drivers,
      members: Object.fromEntries(forecast.members.map(({ member, weight }) => [member, Number(weight.toFixed(3))])),
      accuracy: forecast.accuracy && {
        origins: forecast.accuracy.origins,
        weightedQuantileLoss: documentFigure(forecast.accuracy.weightedQuantileLoss),
        naiveWeightedQuantileLoss: documentFigure(forecast.accuracy.naiveWeightedQuantileLoss),
        coverage95: Number(forecast.accuracy.coverage95.toFixed(3)),
      },
      model: forecast.model,
      historyHash: forecast.historyHash,
      quantiles: forecast.quantiles,
      values: Object.fromEntries(rows),
    },
    ['Written by prescale: demand to come, as quantiles per step. The picture beside it shows the same.'],
  )
}

interface ForecastDocument {
  readonly schema: string
  readonly workload: string
  readonly userZone: string
  readonly unit: string
  readonly statistic: DemandForecast['statistic']
  readonly origin: string
  readonly stepSeconds: number
  readonly drivers: readonly string[]
  readonly members: Readonly<Record<string, number>>
  readonly accuracy?: DemandForecast['accuracy']
  readonly model: string
  readonly historyHash: string
  readonly quantiles: readonly number[]
  readonly values: Readonly<Record<string, readonly number[]>>
}

/**
 * Reads a forecast file.
 * @throws Problem `input-invalid` when it is not one, or when its rows are not a regular, finite, ordered grid
 */
export function readForecast(text: string, file: string): DemandForecast {
  const placed = readYaml(text, file, what)
  const refuse = (path: readonly (string | number)[], message: string): never => {
    throw new Problem('input-invalid', { what, faults: [placed.fault(path, message)] })
  }
  const document = placed.value as ForecastDocument | null
  if (document === null || typeof document !== 'object' || document.schema !== schemaName) return refuse(['schema'], `expected ${schemaName}`)
  const { quantiles, stepSeconds, members, values } = document
  for (const key of ['workload', 'userZone', 'unit', 'origin', 'model', 'historyHash'] as const) {
    if (typeof document[key] !== 'string') refuse([key], 'expected text')
  }
  if (!Array.isArray(quantiles) || quantiles.length === 0) return refuse(['quantiles'], 'expected a list of quantiles')
  if (values === null || typeof values !== 'object') return refuse(['values'], 'expected one row per step')
  const originSeconds = Date.parse(document.origin) / 1000
  const rows = Object.entries(values)
  const matrix = new Float64Array(quantiles.length * rows.length)
  rows.forEach(([time, row], step) => {
    if (Date.parse(time) / 1000 !== originSeconds + step * stepSeconds) refuse(['values', time], `expected the step ${rfc3339(originSeconds + step * stepSeconds)}`)
    if (!Array.isArray(row) || row.length !== quantiles.length) return refuse(['values', time], `expected ${quantiles.length} figures, one per quantile`)
    row.forEach((value: unknown, index) => {
      const below = index === 0 ? 0 : row[index - 1]
      if (typeof value !== 'number' || !Number.isFinite(value) || value < below) refuse(['values', time], 'expected finite figures that do not fall from left to right')
      matrix[index * rows.length + step] = Number(value)
    })
  })
  return {
    workload: document.workload,
    userZone: document.userZone,
    unit: document.unit,
    statistic: document.statistic,
    originSeconds,
    grid: { startSeconds: originSeconds, stepSeconds, length: rows.length },
    quantiles,
    values: matrix,
    members: Object.entries(members).map(([member, weight]): MemberWeight => ({ member, weight })),
    accuracy: document.accuracy,
    drivers: document.drivers,
    model: document.model,
    historyHash: document.historyHash,
  }
}
