import { seriesName, type DemandHistory, type DemandSeries, type SeriesFaults } from '../../domain/history.ts'
import { table } from '../table.ts'
import { figure, percent, span } from './figures.ts'

const faultNames: Readonly<Record<keyof SeriesFaults, string>> = {
  notANumber: 'not a number',
  infinite: 'infinite',
  negative: 'negative',
  counterReset: 'counter resets',
  duplicate: 'duplicates',
  outOfOrder: 'out of order',
  frozenSteps: 'frozen steps',
  daylightSaving: 'daylight saving',
  outlier: 'outliers',
}

/** @returns one row per series: what was measured, how complete and how fresh it is, what was wrong with it */
export function historyTable(history: DemandHistory, asOfSeconds: number): string[] {
  return table(
    [
      { title: 'series', align: 'left' },
      { title: 'unit', align: 'left' },
      { title: 'last', align: 'right' },
      { title: 'median', align: 'right' },
      { title: 'peak', align: 'right' },
      { title: 'coverage', align: 'right' },
      { title: 'age', align: 'right' },
      { title: 'faults', align: 'left' },
    ],
    history.series.map((series) => {
      const values = series.values.filter((value) => !Number.isNaN(value)).sort()
      return [
        seriesName(series),
        series.unit,
        figure(series.values.findLast((value) => !Number.isNaN(value))),
        figure(values[Math.floor(values.length / 2)]),
        figure(values.at(-1)),
        percent(series.coverage),
        series.newestSeconds === undefined ? '?' : span(Math.max(0, asOfSeconds - series.newestSeconds)),
        faultText(series),
      ]
    }),
  )
}

function faultText(series: DemandSeries): string {
  const found = (Object.keys(faultNames) as (keyof SeriesFaults)[]).filter((fault) => series.faults[fault] > 0)
  return found.length === 0 ? 'none' : found.map((fault) => `${series.faults[fault]} ${faultNames[fault]}`).join(', ')
}
