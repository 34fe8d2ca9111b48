import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadSettings } from '../../src/config/load-settings.ts'
import { desiredStateFile, readDesiredState } from '../../src/documents/desired-state-file.ts'
import { plannedDemand } from '../../src/domain/forecast.ts'
import { forecastFile, readForecast } from '../../src/documents/forecast-file.ts'
import { stackName } from '../../src/domain/pool.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const settings = loadSettings(read('prescale.yaml'), 'prescale.yaml')

test('every series of the demo has a forecast in the repository that reads back whole, with its picture', () => {
  for (const workload of settings.workloads) {
    for (const userZone of workload.userZones) {
      const file = forecastFile({ workload: workload.name, resource: 'requests', place: { kind: 'user-zone', userZone } })
      const [forecast] = plannedDemand([readForecast(read(file), file)])
      assert.ok(forecast !== undefined, file)
      assert.deepEqual([forecast.workload, forecast.userZone, forecast.unit], [workload.name, userZone, workload.unit])
      assert.equal(forecast.grid.length * forecast.grid.stepSeconds, settings.forecast.horizon)
      const picture = read(file.replace(/\.yaml$/, '.svg'))
      assert.ok(picture.includes(`${workload.name}/${userZone}`) && picture.includes('planned capacity'))
    }
  }
})

test('every region of the demo has a desired state in the repository that nobody edited, with its stack’s settings', () => {
  for (const region of settings.regions) {
    const file = desiredStateFile(region)
    const state = readDesiredState(read(file), file)
    assert.deepEqual([state.cloud, state.region], [region.cloud, region.region])
    assert.ok(existsSync(join(root, 'stacks', `Pulumi.${settings.name}.${stackName(region)}.yaml`)))
  }
})
