import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { loadConfiguration } from '../../src/config/load-settings.ts'
import { regionName } from '../../src/domain/pool.ts'

const root = join(import.meta.dirname, '..', '..')
const read = (file: string) => ({ text: readFileSync(join(root, file), 'utf8'), file })
const { settings, catalogue } = loadConfiguration(read('prescale.yaml'), read)

interface Scenario {
  readonly workloads: readonly {
    readonly name: string
    readonly vcpuPerUnit: number
    readonly userZones: readonly { readonly name: string }[]
  }[]
  readonly regions: readonly {
    readonly cloud: 'aws' | 'gcp' | 'azure'
    readonly region: string
    readonly zones: readonly string[]
    readonly quotaVcpu: unknown
  }[]
}
const scenario = parse(read(settings.sandbox?.scenario ?? '').text) as Scenario

test('the demo’s settings and the scenario that its clouds play name the same workloads, user zones, regions, zones and quotas', () => {
  assert.deepEqual(
    settings.workloads.map(({ name, userZones }) => ({ name, userZones })),
    scenario.workloads.map(({ name, userZones }) => ({ name, userZones: userZones.map((zone) => zone.name) })),
  )
  const place = ({ cloud, region, zones, quotaVcpu }: Scenario['regions'][number]) => ({ cloud, region, zones, quotaVcpu })
  assert.deepEqual(settings.regions.map(place), scenario.regions.map(place))
})

test('a unit of demand costs a node of the demo as much work as the settings plan for', () => {
  const scenarioSeconds = scenario.workloads.map((workload) => workload.vcpuPerUnit)
  const vcpuPerUnit = ({ serves }: (typeof settings.workloads)[number]): number => {
    if ('perUnit' in serves) return serves.perUnit.vcpu
    return 'learn' in serves ? serves.learn.initialVcpuPerUnit : Number.NaN
  }
  const planned = settings.workloads.map((workload) => vcpuPerUnit(workload) * workload.demand.scale)
  planned.forEach((vcpu, index) =>
    assert.ok(Math.abs(vcpu - (scenarioSeconds[index] ?? 0)) < 1e-9, `${vcpu} against ${scenarioSeconds[index]}`),
  )
})

test('every workload of the demo can buy something in every region that it may use', () => {
  for (const workload of settings.workloads) {
    for (const region of settings.regions.filter((one) => workload.regions.allow?.includes(regionName(one)) ?? true)) {
      const offers = catalogue.types.filter(
        (type) =>
          type.cloud === region.cloud && workload.types?.includes(type.type) && type.usdPerHour[region.region]?.['on-demand'] !== undefined,
      )
      assert.ok(offers.length > 0, `${workload.name} in ${regionName(region)}`)
    }
  }
})
