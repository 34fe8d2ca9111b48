import { seededRandom } from '../../src/forecast/seeded-random.ts'

/** Series of many workloads and user zones, measured hourly. */
export interface ManySeries {
  readonly workloads: number
  readonly userZones: number
  readonly days: number
  /** Unix seconds of the end of the newest hour. */
  readonly endSeconds: number
  readonly seed: number
}

/** @returns `w0042`, `z3` */
export function workloadName(index: number): string {
  return `w${String(index).padStart(4, '0')}`
}

export function userZoneName(index: number): string {
  return `z${index}`
}

const secondsPerHour = 3600

/**
 * Made-up hourly demand in line protocol, series by series: a day and a week of its own, noise that lasts some hours, level shifts in one
 * series of ten, idle spells in one of twenty, gaps in one of ten. Drawn by seed alone.
 */
export function* demandLines({ workloads, userZones, days, endSeconds, seed }: ManySeries): Generator<string> {
  const hours = days * 24
  const startSeconds = endSeconds - hours * secondsPerHour
  for (let workload = 0; workload < workloads; workload += 1) {
    for (let zone = 0; zone < userZones; zone += 1) {
      const values = hourlyDemand(hours, startSeconds, seededRandom(seed * 1_000_003 + workload * userZones + zone))
      const key = `demand,workload=${workloadName(workload)},user_zone=${userZoneName(zone)} value=`
      for (let hour = 0; hour < hours; hour += 1) {
        const value = values[hour] as number
        if (value >= 0) yield `${key}${value} ${startSeconds + hour * secondsPerHour}`
      }
    }
  }
}

/** Requests per second with two decimals; −1 where nothing was measured. */
function hourlyDemand(hours: number, startSeconds: number, random: () => number): Float64Array {
  const values = new Float64Array(hours)
  const level = Math.exp(1 + 5 * random())
  const daily = 0.1 + 0.7 * random()
  const phase = 24 * random()
  const weekend = random() < 0.4 ? 1 : 0.3 + 0.6 * random()
  const noise = 0.02 + 0.2 * random() ** 2
  const persistence = 0.4 + 0.5 * random()
  const shifts = random() < 0.1 ? 1 / (24 * 20) : 0
  const idles = random() < 0.05 ? 1 / 60 : 0
  const gaps = random() < 0.1 ? 1 / 300 : 0
  let shift = 0
  let wander = 0
  let idle = false
  let gap = 0
  for (let hour = 0; hour < hours; hour += 1) {
    const seconds = startSeconds + hour * secondsPerHour
    const weekday = (Math.floor(seconds / 86400) + 3) % 7
    if (random() < shifts) shift = 0.7 * shift + 0.6 * (random() - 0.5)
    if (random() < (idle ? 0.1 : idles)) idle = !idle
    if (random() < gaps) gap = Math.ceil(12 * random())
    wander = persistence * wander + noise * (random() + random() - 1)
    const season = 1 + daily * Math.sin(((hour - phase) / 24) * 2 * Math.PI)
    const demand = idle ? 0 : level * Math.max(0, season) * (weekday >= 5 ? weekend : 1) * Math.exp(shift + wander)
    values[hour] = gap > 0 ? -1 : Math.round(demand * 100) / 100
    gap -= 1
  }
  return values
}
