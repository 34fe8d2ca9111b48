import { forecastQuantile, subjectName, type ForecastTable, type SubjectForecast } from '../domain/forecast.ts'
import { exclusionSentence } from '../domain/forecast-wording.ts'
import { gridEnd, rfc3339, stepStart, type Grid } from '../domain/grid.ts'
import { band, blocks, type Drawing, drawingOf, escaped, figureText, type Frame, line, originMark, timeAxis, valueAxis } from './picture-chart.ts'
import { peakParts } from './picture-peak.ts'

/** Demand that led up to a forecast, on a grid of its own; NaN where nothing was measured. */
export interface HistorySlice {
  readonly grid: Grid
  readonly values: Float64Array
}

const size = { width: 960, height: 620 }
const whole: Frame = { left: 64, right: 944, top: 92, bottom: 336 }
const soon: Frame = { left: 64, right: 440, top: 420, bottom: 560 }
const parts: Frame = { left: 690, right: 884, top: 408, bottom: 560 }
/** The next hours are drawn with this many times their span before them. */
const soonPast = 2
/** Sentences on data at the foot of the picture; more would not be read there. */
const mostDataSentences = 2

/** Colours of a light page and of a dark one; the picture follows the reader's scheme. */
const style = `
  .page{fill:#ffffff}.text{fill:#1f2933}.quiet{fill:#5f6c7b}.rule{stroke:#e3e8ee}.now{stroke:#8a96a3}
  .history{stroke:#3c4858}.median{stroke:#1463c9}.wide{fill:#1463c9;fill-opacity:.13}.high{stroke:#1463c9;stroke-opacity:.6}.capacity{stroke:#c2410c}
  .above{fill:none;stroke:#b42318;stroke-width:1.6}.base{fill:#94a3b3}.more{fill:#1463c9;fill-opacity:.55}.less{fill:#c2410c;fill-opacity:.6}.whole{fill:#1463c9}
  @media (prefers-color-scheme: dark){
  .page{fill:#0f1720}.text{fill:#e6ebf1}.quiet{fill:#9aa7b5}.rule{stroke:#243140}.now{stroke:#6c7987}
  .history{stroke:#c3ccd6}.median{stroke:#6cb0ff}.wide{fill:#6cb0ff;fill-opacity:.18}.high{stroke:#6cb0ff;stroke-opacity:.7}.capacity{stroke:#ff9a5c}
  .above{stroke:#ff7a6b}.base{fill:#64748b}.more{fill:#6cb0ff;fill-opacity:.6}.less{fill:#ff9a5c;fill-opacity:.65}.whole{fill:#6cb0ff}}
  text{font:12px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}.title{font-size:16px;font-weight:600}.head{font-size:13px;font-weight:600}
  .line{fill:none;stroke-width:1.6;stroke-linejoin:round}.thin{stroke-width:1.1}.dashed{stroke-dasharray:5 3}`

/**
 * Draws a forecast: what was measured, the median, the band from p10 to p90, p95, and the planned capacity as steps; the next hours on the
 * finer grid; what the peak is made of; how good such forecasts were, what exceeded p95 and what data was doubted. Pure: the same arguments
 * give the same bytes.
 * @param history   what led up to the forecast; a few days are enough, none is drawn as none
 * @param capacity  planned capacity in the forecast's unit, one figure per step of its first table; undefined while there is no plan
 * @returns an SVG document, 960 × 620, that follows the reader's light or dark scheme
 */
export function forecastPicture(history: HistorySlice, forecast: SubjectForecast, capacity: Float64Array | undefined): string {
  const { subject, originSeconds, tables, explanation } = forecast
  const [planned] = tables
  if (planned === undefined) throw new TypeError('a forecast has at least one table')
  const finest = tables.at(-1)
  const finer = finest !== undefined && finest.grid.stepSeconds < planned.grid.stepSeconds ? finest : undefined
  const name = escaped(subjectName(subject))
  const unit = escaped(forecast.unit)
  const { peak, excluded } = explanation
  const data = excluded.slice(0, mostDataSentences).map(exclusionSentence)
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" aria-label="Forecast of ${name}">`,
    `<title>Forecast of ${name}, ${unit}</title>`,
    `<style>${style}</style>`,
    `<rect class="page" width="${size.width}" height="${size.height}"/>`,
    `<text class="text title" x="${whole.left}" y="26">${name}: ${planned.statistic === 'peak' ? 'peaks' : 'means'} per ${duration(planned.grid.stepSeconds)}, next ${duration(gridEnd(planned.grid) - originSeconds)}</text>`,
    `<text class="quiet" x="${whole.right}" y="26" text-anchor="end">${unit}</text>`,
    `<text class="quiet" x="${whole.left}" y="46">${escaped(trust(planned))}</text>`,
    legend(capacity !== undefined, (planned.accuracy?.worst.length ?? 0) > 0),
    wholeChart(history, forecast, planned, capacity),
    finer === undefined ? '' : soonChart(history, forecast, finer),
    `<text class="text head" x="500" y="396">what makes the peak of ${figureText(peak.median)} on ${rfc3339(peak.atSeconds).slice(0, 16).replace('T', ' ')} UTC</text>`,
    peakParts(peak.contributions, peak.median, parts),
    `<text class="quiet" x="${whole.left}" y="606">${escaped(data.length === 0 ? 'no data was left out or doubted' : `data: ${data.join('; ')}${excluded.length > data.length ? '; …' : ''}`)}</text>`,
    '</svg>',
  ]
    .filter((part) => part !== '')
    .join('\n')}\n`
}

/** How good such forecasts were. */
function trust({ accuracy }: ForecastTable): string {
  if (accuracy === undefined) return 'the history is too short to say how good such forecasts were'
  const { weightedQuantileLoss: loss, naiveWeightedQuantileLoss: naive, origins, exceeded, steps } = accuracy
  const compared = naive > 0 && Number.isFinite(loss / naive) ? `${Math.round((100 * loss) / naive)} % of the loss of the better of day and week repeated` : `a loss of ${figureText(loss)}`
  return `the last ${origins} forecasts had ${compared}; demand exceeded p95 in ${exceeded} of ${steps} steps`
}

function wholeChart(history: HistorySlice, { quantiles, originSeconds }: SubjectForecast, planned: ForecastTable, capacity: Float64Array | undefined): string {
  const from = history.grid.length > 0 ? history.grid.startSeconds : originSeconds
  const paths = pathsOf(planned, quantiles)
  const drawing = drawingOf(whole, from, gridEnd(planned.grid), [history.values, paths.higher, capacity])
  const shown = (planned.accuracy?.worst ?? []).filter(({ atSeconds, demand }) => atSeconds >= from && demand <= drawing.most)
  return [
    valueAxis(drawing, 4),
    timeAxis(drawing),
    forecastLines(planned.grid, paths, drawing),
    line('history thin', history.grid, history.values, drawing),
    ...shown.map(({ atSeconds, demand }) => `<circle class="above" cx="${drawing.x(atSeconds + planned.grid.stepSeconds / 2)}" cy="${drawing.y(demand)}" r="5"/>`),
    capacity === undefined ? '' : blocks('capacity dashed', planned.grid, capacity, drawing),
    originMark(drawing, originSeconds),
    `<text class="quiet" x="${whole.right}" y="${whole.bottom + 36}" text-anchor="end">days begin at 00:00 UTC</text>`,
  ].join('')
}

function soonChart(history: HistorySlice, { quantiles, originSeconds }: SubjectForecast, finer: ForecastTable): string {
  const span = gridEnd(finer.grid) - originSeconds
  const past = newest(history, soonPast * span)
  const paths = pathsOf(finer, quantiles)
  const drawing = drawingOf(soon, past.grid.length > 0 ? originSeconds - soonPast * span : originSeconds, gridEnd(finer.grid), [past.values, paths.higher])
  return [
    `<text class="text head" x="${soon.left}" y="396">next ${duration(span)}: ${finer.statistic === 'peak' ? 'peaks' : 'means'} per ${duration(finer.grid.stepSeconds)}, times UTC</text>`,
    valueAxis(drawing, 2),
    timeAxis(drawing),
    forecastLines(finer.grid, paths, drawing),
    line('history thin', past.grid, past.values, drawing),
    originMark(drawing, originSeconds),
  ].join('')
}

interface QuantilePaths {
  readonly low: Float64Array
  readonly median: Float64Array
  readonly high: Float64Array
  readonly higher: Float64Array
}

/** Paths of the quantiles that are drawn, or of the nearest stored ones where the forecast does not reach so far. */
function pathsOf(table: ForecastTable, quantiles: readonly number[]): QuantilePaths {
  const at = (quantile: number): Float64Array => forecastQuantile({ ...table, quantiles }, Math.min(quantiles.at(-1) ?? quantile, Math.max(quantiles[0] ?? quantile, quantile)))
  return { low: at(0.1), median: at(0.5), high: at(0.9), higher: at(0.95) }
}

function forecastLines(grid: Grid, { low, median, high, higher }: QuantilePaths, drawing: Drawing): string {
  return [band(grid, low, high, drawing), line('high thin', grid, higher, drawing), line('median', grid, median, drawing)].join('')
}

/** The end of a history. */
function newest({ grid, values }: HistorySlice, seconds: number): HistorySlice {
  const skipped = Math.max(0, grid.length - Math.round(seconds / grid.stepSeconds))
  return { grid: { startSeconds: stepStart(grid, skipped), stepSeconds: grid.stepSeconds, length: grid.length - skipped }, values: values.subarray(skipped) }
}

function legend(withCapacity: boolean, withExceedances: boolean): string {
  const entries = [
    { label: 'measured', mark: (at: number) => `<path class="line history thin" d="M${at} 66h22"/>` },
    { label: 'median', mark: (at: number) => `<path class="line median" d="M${at} 66h22"/>` },
    { label: 'p10 to p90', mark: (at: number) => `<rect class="wide" x="${at}" y="60" width="22" height="12"/>` },
    { label: 'p95', mark: (at: number) => `<path class="line high thin" d="M${at} 66h22"/>` },
    ...(withCapacity ? [{ label: 'planned capacity', mark: (at: number) => `<path class="line capacity dashed" d="M${at} 66h22"/>` }] : []),
    ...(withExceedances ? [{ label: 'furthest above p95', mark: (at: number) => `<circle class="above" cx="${at + 11}" cy="66" r="5"/>` }] : []),
  ]
  let at = whole.left
  return entries
    .map(({ label, mark }) => {
      const drawn = `${mark(at)}<text class="quiet" x="${at + 28}" y="70">${label}</text>`
      at += 28 + Math.round(label.length * 6.4) + 24
      return drawn
    })
    .join('')
}

/** `5 min`, `hour`, `2 h`, `2 days` */
function duration(seconds: number): string {
  if (seconds % 86400 === 0) return seconds === 86400 ? 'day' : `${seconds / 86400} days`
  if (seconds % 3600 === 0) return seconds === 3600 ? 'hour' : `${seconds / 3600} h`
  return `${Math.round(seconds / 60)} min`
}
