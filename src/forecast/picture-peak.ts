import type { Contribution } from '../domain/forecast.ts'
import { partNames } from '../domain/forecast-wording.ts'
import { escaped, figureText, type Frame, round } from './picture-chart.ts'

const rowHeight = 20
/** Parts below this share of the median are summed up as one. */
const leastShare = 0.005

/**
 * What a median is made of: a bar per part, each beginning where the one before ended, and the median below them.
 * @param frame  bars lie between left and right, names at the left of it
 * @returns rows from the frame's top on, 20 pixels each
 */
export function peakParts(contributions: readonly Contribution[], median: number, frame: Frame): string {
  const shown = contributions.filter(({ part, value }) => part === 'level' || Math.abs(value) >= leastShare * Math.abs(median))
  const small = contributions.filter((one) => !shown.includes(one)).reduce((sum, { value }) => sum + value, 0)
  const rows = [
    ...shown.map(({ part, value }) => ({ name: partNames[part], value })),
    ...(Math.abs(small) >= leastShare * leastShare * Math.abs(median) && small !== 0 ? [{ name: 'smaller parts', value: small }] : []),
  ]
  const ends = rows.map((_, i) => rows.slice(0, i + 1).reduce((sum, { value }) => sum + value, 0))
  const low = Math.min(0, ...ends)
  const high = Math.max(0, median, ...ends)
  const x = (value: number): number => round(frame.left + ((value - low) / Math.max(Number.MIN_VALUE, high - low)) * (frame.right - frame.left))
  const bar = (name: string, from: number, to: number, style: string, text: string, row: number): string => {
    const top = frame.top + row * rowHeight
    const [left, right] = [Math.min(x(from), x(to)), Math.max(x(from), x(to))]
    return (
      `<text class="text" x="${frame.left - 10}" y="${top + 13}" text-anchor="end">${escaped(name)}</text>` +
      `<rect class="${style}" x="${left}" y="${top + 3}" width="${round(Math.max(1.5, right - left))}" height="13" rx="2"/>` +
      `<text class="quiet" x="${round(right + 6)}" y="${top + 13}">${text}</text>`
    )
  }
  const parts = rows.map(({ name, value }, row) => {
    const from = row === 0 ? 0 : (ends[row - 1] ?? 0)
    return bar(name, from, from + value, row === 0 ? 'base' : value < 0 ? 'less' : 'more', row === 0 ? figureText(value) : `${value < 0 ? '−' : '+'}${figureText(Math.abs(value))}`, row)
  })
  return [...parts, `<line class="now" x1="${x(0)}" x2="${x(0)}" y1="${frame.top}" y2="${frame.top + (rows.length + 1) * rowHeight}"/>`, bar('median', 0, median, 'whole', figureText(median), rows.length)].join('')
}
