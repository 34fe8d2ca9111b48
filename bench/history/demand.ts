import type { DemandQuery } from '../../src/domain/history.ts'

/** 2025-01-01T00:00:00Z */
export const startSeconds = 1_735_689_600
export const stepSeconds = 300
export const stepsPerDay = 288

/** The query for `series` user zones of one workload. */
export function queryOf(series: number): DemandQuery {
  return {
    workload: 'web',
    unit: 'requests/s',
    measurement: 'requests',
    field: 'count',
    tags: { workload: 'web' },
    userZoneTag: 'user_zone',
    userZones: Array.from({ length: series }, (_, zone) => `zone-${zone}`),
    kind: 'count',
    flux: undefined,
    scale: 1,
  }
}

/** Line protocol in seconds: a daily wave of seeded counts for each user zone, one day after the other. */
export function* demandLines(series: number, days: number): Iterable<string> {
  let state = 12345
  for (let day = 0; day < days; day++) {
    for (let zone = 0; zone < series; zone++) {
      for (let step = 0; step < stepsPerDay; step++) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
        const count = Math.round(300 * (1.2 + Math.sin((step / stepsPerDay) * 2 * Math.PI + zone)) * (0.9 + (0.2 * state) / 2 ** 32))
        const at = startSeconds + (day * stepsPerDay + step) * stepSeconds
        yield `requests,host=lb-${zone},region=region-${zone % 6},user_zone=zone-${zone},workload=web count=${count}i ${at}`
      }
    }
  }
}
