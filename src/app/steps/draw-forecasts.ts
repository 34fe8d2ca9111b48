import { pictureFile } from '../../documents/forecast-file.ts'
import { type DemandForecast, forecastQuantile, plannedDemand, subjectName, type SubjectForecast } from '../../domain/forecast.ts'
import { alignDown, gridEnd } from '../../domain/grid.ts'
import type { Plan, TrafficShare } from '../../domain/plan.ts'
import { regionName } from '../../domain/pool.ts'
import { forecastPicture, type HistorySlice } from '../../forecast/picture.ts'
import type { SubjectSeries } from '../../forecast/subjects.ts'
import { type Project, writeProjectFile } from '../project.ts'

/** Days of history in a picture. */
const shownDays = 7
const secondsPerDay = 86_400

/**
 * Draws each forecast with what led up to it and, where demand comes from a user zone and there is a plan, the capacity that will be there.
 * @param measured  what forecasts were made from, on one grid; what is not there is drawn without what led up to it
 * @returns files whose text changed
 */
export function drawForecasts(project: Project, measured: readonly SubjectSeries[], forecasts: readonly SubjectForecast[], plan: Plan | undefined): readonly string[] {
  const planned = plannedDemand(forecasts)
  return forecasts.flatMap((forecast) => {
    const { place, workload, resource } = forecast.subject
    const demand = resource === 'requests' && place.kind === 'user-zone' ? planned.find((one) => one.workload === workload && one.userZone === place.userZone) : undefined
    const picture = forecastPicture(newestDays(measured, forecast), forecast, plan === undefined || demand === undefined ? undefined : capacity(plan, planned, demand))
    const file = pictureFile(forecast.subject)
    return writeProjectFile(project, file, picture) === 'written' ? [file] : []
  })
}

/** The last days of what a forecast was made from; of a total, the steps in which every part was measured. */
function newestDays(measured: readonly SubjectSeries[], { subject }: SubjectForecast): HistorySlice {
  const parts = measured.filter(
    (one) => one.subject.workload === subject.workload && one.subject.resource === subject.resource && (subject.place.kind === 'everywhere' || one.name === subjectName(subject)),
  )
  const grid = parts[0]?.grid
  if (grid === undefined) return { grid: { startSeconds: 0, stepSeconds: 1, length: 0 }, values: new Float64Array() }
  const from = alignDown(gridEnd(grid), secondsPerDay) - shownDays * secondsPerDay
  const skipped = Math.max(0, Math.round((from - grid.startSeconds) / grid.stepSeconds))
  const length = Math.max(0, grid.length - skipped)
  return {
    grid: { startSeconds: grid.startSeconds + skipped * grid.stepSeconds, stepSeconds: grid.stepSeconds, length },
    values: Float64Array.from({ length }, (_, step) => parts.reduce((sum, { values }) => sum + (values[skipped + step] ?? Number.NaN), 0)),
  }
}

/**
 * Capacity that a user zone may count on: in every region, its share of what the workload's nodes there serve at full use.
 * @returns in the workload's unit, shape [steps]
 */
function capacity(plan: Plan, forecasts: readonly DemandForecast[], forecast: DemandForecast): Float64Array {
  const demand = new Map(forecasts.filter((one) => one.workload === forecast.workload).map((one) => [one.userZone, forecastQuantile(one, plan.quantile)]))
  const routes = plan.traffic.filter((route) => route.workload === forecast.workload)
  const pools = plan.pools.filter((pool) => pool.workload === forecast.workload)
  const sent = (route: TrafficShare, step: number): number => (route.shares[step] ?? 0) * (demand.get(route.userZone)?.[step] ?? 0)
  return Float64Array.from({ length: plan.grid.length }, (_, step) =>
    routes
      .filter((route) => route.userZone === forecast.userZone)
      .reduce((sum, own) => {
        const here = routes.filter((route) => regionName(route) === regionName(own)).reduce((load, route) => load + sent(route, step), 0)
        if (here <= 0) return sum
        const served = pools.filter((pool) => regionName(pool) === regionName(own)).reduce((total, pool) => total + (pool.counts[step] ?? 0) * pool.throughputPerNode, 0)
        return sum + (served * sent(own, step)) / here
      }, 0),
  )
}
