import { loadCatalogue, loadSettings } from '../../src/config/load-settings.ts'
import type { Catalogue, Settings } from '../../src/config/schema.ts'
import type { DemandForecast } from '../../src/domain/forecast.ts'

/** 2026-01-26T12:00:00Z */
export const origin = Date.UTC(2026, 0, 26, 12) / 1000

/** @returns settings of one workload `web` in aws/us-east-1 and gcp/europe-west1; `workload` is YAML that is added to the workload */
export function someSettings(workload = ''): Settings {
  return loadSettings(`
name: shop
history: { source: csv, paths: [demand.csv] }
plan: { quantile: 0.9, survive: { zone: false, region: false } }
userZones:
  - { name: east, latitude: 40, longitude: -75 }
  - { name: west, latitude: 51, longitude: 0, latencyMs: { gcp/europe-west1: 12 } }
regions:
  - { cloud: aws, region: us-east-1, zones: [a, b, c] }
  - { cloud: gcp, region: europe-west1, zones: [b, c, d], quotaVcpu: { on-demand: 40, spot: 20 } }
workloads:
  - name: web
    unit: requests/s
    demand: { measurement: http, kind: count }
    userZones: [east, west]
${workload === '' ? '    serves: { perUnit: { vcpu: 0.1 } }' : workload.replaceAll(/^/gm, '    ')}
`, 'prescale.yaml')
}

/** @returns one type per cloud: m7g.xlarge (4 vCPU, 16 GiB, 12500 Mbit/s) and e2-standard-4 (4 vCPU, 16 GiB, network unknown) */
export function someCatalogue(): Catalogue {
  return loadCatalogue(`
source: made up
date: 2026-01-01
licence: CC0
types:
  - { cloud: aws, type: m7g.xlarge, vcpu: 4, memoryGib: 16, networkMbps: 12500, usdPerHour: { us-east-1: { on-demand: 0.16, spot: 0.05 } } }
  - { cloud: gcp, type: e2-standard-4, vcpu: 4, memoryGib: 16, usdPerHour: { europe-west1: { on-demand: 0.13 } } }
regions:
  - { cloud: aws, region: us-east-1, latitude: 39, longitude: -77 }
  - { cloud: gcp, region: europe-west1, latitude: 50.5, longitude: 3.8 }
`, 'catalogue.yaml')
}

/** @returns a forecast whose 0.9 quantile is `values`, hourly from the origin */
export function aForecast(userZone: string, values: readonly number[]): DemandForecast {
  return {
    workload: 'web', userZone, unit: 'requests/s', statistic: 'peak', originSeconds: origin,
    grid: { startSeconds: origin, stepSeconds: 3600, length: values.length },
    quantiles: [0.5, 0.9], values: Float64Array.from([...values.map((value) => value / 2), ...values]),
    members: [], accuracy: undefined, drivers: [], model: 'made up', historyHash: 'h',
  }
}
