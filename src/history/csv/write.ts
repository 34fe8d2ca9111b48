import { rfc3339, stepStart } from '../../domain/grid.ts'
import { type DemandHistory, seriesName } from '../../domain/history.ts'

/**
 * The measured demand of a history as CSV; gaps have no row. Read back with a query of kind `gauge` and scale 1 on the same grid, it is
 * the same history with the same hash.
 * @throws RangeError beyond about 10 million rows, which one string cannot hold
 */
export function writeHistoryCsv(history: DemandHistory): string {
  const rows = ['series,timestamp,value']
  for (const series of history.series) {
    const name = quoted(seriesName(series))
    series.values.forEach((value, step) => {
      if (!Number.isNaN(value)) rows.push(`${name},${rfc3339(stepStart(history.grid, step))},${value}`)
    })
  }
  return `${rows.join('\n')}\n`
}

function quoted(text: string): string {
  return text.includes(',') ? `"${text}"` : text
}
