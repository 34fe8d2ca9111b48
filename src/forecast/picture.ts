import { forecastQuantile, subjectName, type DemandForecast, type SubjectForecast } from '../domain/forecast.ts'
import { rfc3339, stepStart, type Grid } from '../domain/grid.ts'

/** Demand that led up to a forecast, on a grid of its own; NaN where nothing was measured. */
export interface HistorySlice {
  readonly grid: Grid
  readonly values: Float64Array
}

const size = { width: 960, height: 380 }
/** A date centred closer to the right edge than this would be cut off. */
const halfDateWidth = 20
const plot = { left: 64, right: 944, top: 76, bottom: 336 }

/** Colours of a light page and of a dark one; the picture follows the reader's scheme. */
const style = `
  .page{fill:#ffffff}.text{fill:#1f2933}.quiet{fill:#5f6c7b}.rule{stroke:#e3e8ee}.now{stroke:#8a96a3}
  .history{stroke:#3c4858}.median{stroke:#1463c9}.wide{fill:#1463c9;fill-opacity:.13}.high{stroke:#1463c9;stroke-opacity:.6}.capacity{stroke:#c2410c}
  @media (prefers-color-scheme: dark){
  .page{fill:#0f1720}.text{fill:#e6ebf1}.quiet{fill:#9aa7b5}.rule{stroke:#243140}.now{stroke:#6c7987}
  .history{stroke:#c3ccd6}.median{stroke:#6cb0ff}.wide{fill:#6cb0ff;fill-opacity:.18}.high{stroke:#6cb0ff;stroke-opacity:.7}.capacity{stroke:#ff9a5c}}
  text{font:12px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}.title{font-size:16px;font-weight:600}
  .line{fill:none;stroke-width:1.6;stroke-linejoin:round}.thin{stroke-width:1.1}.dashed{stroke-dasharray:5 3}`

/**
 * Draws a forecast: what was measured, the median, the band from p10 to p90, p95, and the planned capacity as steps. Pure: the same
 * arguments give the same bytes.
 * @param history   what led up to the forecast; a few days are enough
 * @param capacity  planned capacity in the forecast's unit, one figure per step of its first table; undefined while there is no plan
 * @returns an SVG document, 960 × 380, that follows the reader's light or dark scheme
 */
export function forecastPicture(history: HistorySlice, { subject, unit: ownUnit, originSeconds, quantiles, tables }: SubjectForecast, capacity: Float64Array | undefined): string {
  const [planned] = tables
  if (planned === undefined) throw new TypeError('a forecast has at least one table')
  const forecast = { ...planned, quantiles, originSeconds }
  const paths = {
    low: quantilePath(forecast, 0.1),
    median: quantilePath(forecast, 0.5),
    high: quantilePath(forecast, 0.9),
    higher: quantilePath(forecast, 0.95),
  }
  const top = niceCeiling(Math.max(0, ...finite(history.values), ...paths.higher, ...finite(capacity ?? new Float64Array(0))))
  const from = history.grid.length > 0 ? history.grid.startSeconds : forecast.grid.startSeconds
  const to = stepStart(forecast.grid, forecast.grid.length)
  const x = (seconds: number): number => plot.left + ((seconds - from) / Math.max(1, to - from)) * (plot.right - plot.left)
  const y = (value: number): number => plot.bottom - (value / top) * (plot.bottom - plot.top)
  const drawing = { x, y }
  const name = escaped(subjectName(subject))
  const unit = escaped(ownUnit)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" aria-label="Forecast of ${name}">`,
    `<title>Forecast of ${name}, ${unit}</title>`,
    `<style>${style}</style>`,
    `<rect class="page" width="${size.width}" height="${size.height}"/>`,
    `<text class="text title" x="${plot.left}" y="26">${name}: demand ${forecast.statistic === 'peak' ? 'peaks' : 'means'} per ${duration(forecast.grid.stepSeconds)}, next ${duration(to - forecast.grid.startSeconds)}</text>`,
    legend(capacity !== undefined),
    ...valueAxis(top, unit, y),
    ...timeAxis(from, to, x),
    band(forecast.grid, paths.low, paths.high, drawing),
    `<path class="line history thin" d="${steppedLine(history.grid, history.values, drawing)}"/>`,
    `<path class="line high thin" d="${centredLine(forecast.grid, paths.higher, drawing)}"/>`,
    `<path class="line median" d="${centredLine(forecast.grid, paths.median, drawing)}"/>`,
    capacity === undefined ? '' : `<path class="line capacity dashed" d="${blockLine(forecast.grid, capacity, drawing)}"/>`,
    `<line class="now" x1="${round(x(forecast.originSeconds))}" x2="${round(x(forecast.originSeconds))}" y1="${plot.top - 6}" y2="${plot.bottom}"/>`,
    `<text class="quiet" x="${round(x(forecast.originSeconds) - 5)}" y="${plot.top - 6}" text-anchor="end">measured</text>`,
    `<text class="quiet" x="${round(x(forecast.originSeconds) + 5)}" y="${plot.top - 6}">forecast</text>`,
    '</svg>',
    '',
  ]
    .filter((part, index, parts) => part !== '' || index === parts.length - 1)
    .join('\n')
}

interface Drawing {
  readonly x: (seconds: number) => number
  readonly y: (value: number) => number
}

/** The quantile's path, or the nearest stored one's where the forecast does not reach so far. */
function quantilePath(forecast: Pick<DemandForecast, 'quantiles' | 'values' | 'grid'>, quantile: number): Float64Array {
  const lowest = forecast.quantiles[0] ?? quantile
  const highest = forecast.quantiles[forecast.quantiles.length - 1] ?? quantile
  return forecastQuantile(forecast, Math.min(highest, Math.max(lowest, quantile)))
}

function legend(withCapacity: boolean): string {
  const entries = [
    { label: 'measured', mark: (at: number) => `<path class="line history thin" d="M${at} 46h22"/>` },
    { label: 'median', mark: (at: number) => `<path class="line median" d="M${at} 46h22"/>` },
    { label: 'p10 to p90', mark: (at: number) => `<rect class="wide" x="${at}" y="40" width="22" height="12"/>` },
    { label: 'p95', mark: (at: number) => `<path class="line high thin" d="M${at} 46h22"/>` },
    ...(withCapacity ? [{ label: 'planned capacity', mark: (at: number) => `<path class="line capacity dashed" d="M${at} 46h22"/>` }] : []),
  ]
  let at = plot.left
  return entries
    .map(({ label, mark }) => {
      const drawn = `${mark(at)}<text class="quiet" x="${at + 28}" y="50">${label}</text>`
      at += 28 + label.length * 6.4 + 24
      return drawn
    })
    .join('')
}

function valueAxis(top: number, unit: string, y: (value: number) => number): string[] {
  const divisions = 4
  const lines = Array.from({ length: divisions + 1 }, (_, i) => {
    const value = (top * i) / divisions
    const at = round(y(value))
    return `<line class="rule" x1="${plot.left}" x2="${plot.right}" y1="${at}" y2="${at}"/><text class="quiet" x="${plot.left - 8}" y="${round(at + 4)}" text-anchor="end">${label(value)}</text>`
  })
  return [...lines, `<text class="quiet" x="${plot.right}" y="50" text-anchor="end">${unit}</text>`]
}

/** A mark each day at 00:00 UTC; days are named while there is room, every second, third … one otherwise. */
function timeAxis(from: number, to: number, x: (seconds: number) => number): string[] {
  const day = 86400
  const first = Math.ceil(from / day) * day
  const days = Math.floor((to - first) / day) + 1
  const every = Math.max(1, Math.ceil(days / 11))
  const marks: string[] = []
  for (let i = 0; i < days; i += 1) {
    const seconds = first + i * day
    const at = round(x(seconds))
    marks.push(`<line class="rule" x1="${at}" x2="${at}" y1="${plot.top}" y2="${plot.bottom}"/>`)
    const anchor = at > plot.right - halfDateWidth ? 'end' : 'middle'
    if (i % every === 0) marks.push(`<text class="quiet" x="${at}" y="${plot.bottom + 18}" text-anchor="${anchor}">${rfc3339(seconds).slice(0, 10)}</text>`)
  }
  return [...marks, `<text class="quiet" x="${plot.right}" y="${plot.bottom + 36}" text-anchor="end">days begin at 00:00 UTC</text>`]
}

/** Points at the middle of each step; a gap lifts the pen. */
function centredLine(grid: Grid, values: Float64Array, { x, y }: Drawing): string {
  let pen = 'M'
  let path = ''
  values.forEach((value, step) => {
    if (!Number.isFinite(value)) {
      pen = 'M'
      return
    }
    path += `${pen}${round(x(stepStart(grid, step) + grid.stepSeconds / 2))} ${round(y(value))}`
    pen = 'L'
  })
  return path
}

/** Measured values; where there are more than two per pixel column, the highest of each column, so that no peak is lost. */
function steppedLine(grid: Grid, values: Float64Array, drawing: Drawing): string {
  const perColumn = Math.max(1, Math.ceil(values.length / (2 * (plot.right - plot.left))))
  if (perColumn === 1) return centredLine(grid, values, drawing)
  const length = Math.ceil(values.length / perColumn)
  const highest = Float64Array.from({ length }, (_, i) => {
    const column = finite(values.subarray(i * perColumn, (i + 1) * perColumn))
    return column.length > 0 ? Math.max(...column) : Number.NaN
  })
  return centredLine({ startSeconds: grid.startSeconds, stepSeconds: grid.stepSeconds * perColumn, length }, highest, drawing)
}

/** Level over each step, straight up or down between steps. */
function blockLine(grid: Grid, values: Float64Array, { x, y }: Drawing): string {
  let path = ''
  values.forEach((value, step) => {
    path += `${step === 0 ? `M${round(x(stepStart(grid, 0)))} ` : `V`}${round(y(value))}H${round(x(stepStart(grid, step + 1)))}`
  })
  return path
}

function band(grid: Grid, low: Float64Array, high: Float64Array, drawing: Drawing): string {
  const back = Array.from(low, (value, step) => `${round(drawing.x(stepStart(grid, step) + grid.stepSeconds / 2))} ${round(drawing.y(value))}`).reverse()
  return `<path class="wide" d="${centredLine(grid, high, drawing)}L${back.join('L')}Z"/>`
}

/** The lowest of 1, 1.5, 2, 3, 4, 5, 6, 8 × 10^k at or above `value`; 1 for 0. */
function niceCeiling(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return power * ([1, 1.2, 1.6, 2, 2.4, 3.2, 4, 5, 6, 8, 10].find((step) => step * power >= value) ?? 10)
}

function finite(values: Float64Array): number[] {
  return Array.from(values).filter((value) => Number.isFinite(value))
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** `1.2k`, `350`, `0.25` */
function label(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`
  return String(Number(value.toPrecision(3)))
}

/** `5 min`, `1 h`, `2 days` */
function duration(seconds: number): string {
  if (seconds % 86400 === 0) return seconds === 86400 ? 'day' : `${seconds / 86400} days`
  if (seconds % 3600 === 0) return seconds === 3600 ? 'hour' : `${seconds / 3600} h`
  return `${Math.round(seconds / 60)} min`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
