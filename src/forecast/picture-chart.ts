import { rfc3339, stepStart, type Grid } from '../domain/grid.ts'

/** Where a chart lies on the page, in pixels. */
export interface Frame {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** From time and value to the page. */
export interface Drawing {
  readonly frame: Frame
  readonly fromSeconds: number
  readonly toSeconds: number
  /** Value at the top of the frame, > 0. */
  readonly most: number
  readonly x: (seconds: number) => number
  readonly y: (value: number) => number
}

/** @param values  what has to fit below the top; those that are not finite do not count */
export function drawingOf(frame: Frame, fromSeconds: number, toSeconds: number, values: readonly (Float64Array | undefined)[]): Drawing {
  let highest = 0
  for (const series of values) for (const value of series ?? []) if (Number.isFinite(value)) highest = Math.max(highest, value)
  const most = niceCeiling(highest)
  return {
    frame,
    fromSeconds,
    toSeconds,
    most,
    x: (seconds) => round(frame.left + ((seconds - fromSeconds) / Math.max(1, toSeconds - fromSeconds)) * (frame.right - frame.left)),
    y: (value) => round(frame.bottom - (value / most) * (frame.bottom - frame.top)),
  }
}

/** Figures at the left of a frame, with a rule at each. */
export function valueAxis({ frame, most, y }: Drawing, divisions: number): string {
  const lines = Array.from({ length: divisions + 1 }, (_, i) => {
    const value = (most * i) / divisions
    return `<line class="rule" x1="${frame.left}" x2="${frame.right}" y1="${y(value)}" y2="${y(value)}"/><text class="quiet" x="${frame.left - 8}" y="${round(y(value) + 4)}" text-anchor="end">${figureText(value)}</text>`
  })
  return lines.join('')
}

/** Spacings of marks on a time axis, seconds; a day and more are named by date, less by time of day. */
const spacings = [300, 900, 1800, 3600, 7200, 14_400, 21_600, 86_400, 172_800, 345_600, 604_800] as const
const day = 86_400
/** Pixels that one name needs. */
const nameWidth = 78

/** Marks at round instants, UTC, named as far as there is room. */
export function timeAxis({ frame, fromSeconds, toSeconds, x }: Drawing): string {
  const most = Math.max(1, Math.floor((frame.right - frame.left) / nameWidth))
  const spacing = spacings.find((seconds) => (toSeconds - fromSeconds) / seconds <= most) ?? 604_800
  const ruled = spacing > day ? day : spacing
  const marks: string[] = []
  for (let seconds = Math.ceil(fromSeconds / ruled) * ruled; seconds <= toSeconds; seconds += ruled) {
    const at = x(seconds)
    marks.push(`<line class="rule" x1="${at}" x2="${at}" y1="${frame.top}" y2="${frame.bottom}"/>`)
    if (seconds % spacing !== 0) continue
    const anchor = at > frame.right - 20 ? 'end' : 'middle'
    const name = spacing < day ? rfc3339(seconds).slice(11, 16) : rfc3339(seconds).slice(0, 10)
    marks.push(`<text class="quiet" x="${at}" y="${frame.bottom + 18}" text-anchor="${anchor}">${name}</text>`)
  }
  return marks.join('')
}

/** A line through the middle of each step; a gap lifts the pen. Of more than two values per pixel the highest are drawn, so that no peak is lost. */
export function line(style: string, grid: Grid, values: Float64Array, drawing: Drawing): string {
  const width = drawing.x(stepStart(grid, grid.length)) - drawing.x(grid.startSeconds)
  const perPoint = Math.max(1, Math.ceil(values.length / Math.max(1, width)))
  let pen = 'M'
  let path = ''
  for (let from = 0; from < values.length; from += perPoint) {
    const known = values.subarray(from, from + perPoint).filter(Number.isFinite)
    if (known.length === 0) {
      pen = 'M'
      continue
    }
    path += `${pen}${drawing.x(stepStart(grid, from) + (grid.stepSeconds * Math.min(perPoint, values.length - from)) / 2)} ${drawing.y(known.reduce((most, value) => Math.max(most, value)))}`
    pen = 'L'
  }
  return path === '' ? '' : `<path class="line ${style}" d="${path}"/>`
}

/** Level over each step, straight up or down between steps. */
export function blocks(style: string, grid: Grid, values: Float64Array, { x, y }: Drawing): string {
  const path = Array.from(values, (value, step) => `${step === 0 ? `M${x(stepStart(grid, 0))} ` : 'V'}${y(value)}H${x(stepStart(grid, step + 1))}`).join('')
  return `<path class="line ${style}" d="${path}"/>`
}

/** The space between two paths. */
export function band(grid: Grid, low: Float64Array, high: Float64Array, { x, y }: Drawing): string {
  const middle = (step: number): number => x(stepStart(grid, step) + grid.stepSeconds / 2)
  const over = Array.from(high, (value, step) => `${middle(step)} ${y(value)}`)
  const back = Array.from(low, (value, step) => `${middle(step)} ${y(value)}`).reverse()
  return `<path class="wide" d="M${[...over, ...back].join('L')}Z"/>`
}

/** Where measured demand ends and the forecast begins. */
export function originMark({ frame, fromSeconds, x }: Drawing, originSeconds: number): string {
  const at = x(originSeconds)
  const above = frame.top - 6
  const measured = originSeconds > fromSeconds ? `<text class="quiet" x="${round(at - 5)}" y="${above}" text-anchor="end">measured</text>` : ''
  return `<line class="now" x1="${at}" x2="${at}" y1="${above}" y2="${frame.bottom}"/>${measured}<text class="quiet" x="${round(at + 5)}" y="${above}">forecast</text>`
}

/** The lowest of 1, 1.2, 1.6, 2, 2.4, 3.2, 4, 5, 6, 8 × 10^k at or above `value`; 1 for 0. */
function niceCeiling(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return power * ([1, 1.2, 1.6, 2, 2.4, 3.2, 4, 5, 6, 8, 10].find((step) => step * power >= value) ?? 10)
}

export function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** `1.2M`, `35k`, `350`, `0.25`, `1e-9` */
export function figureText(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`
  return String(Number(value.toPrecision(3)))
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
