import assert from 'node:assert/strict'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { applyStep } from '../../src/app/steps/apply-step.ts'
import { scheduledAt } from '../../src/domain/schedule.ts'
import { SandboxCloud } from '../../src/sandbox/sandbox-cloud.ts'
import { allRegions, anAppProject, aPool, applyAll, aState } from './app-project.ts'

const hourSeconds = 3600
/** Google gives nodes back ten minutes after fewer are asked for, and looks every five. */
const lagSeconds = 1500

/** A day with a change at each third hour, as a plan of the coming day has them. */
const day = Array.from({ length: 8 }, (_, index) => ({ minuteOfDay: 180 * index + 20, min: 1, desired: 2 + ((index * 5) % 7), max: 12 }))

test('with prescale, its store and its engine gone, the clouds follow the plan for a day by their own schedules', async () => {
  await using site = await anAppProject()
  const { cloud, directory, project } = site
  const planned = (atSeconds: number): number => scheduledAt(day, atSeconds)?.desired ?? Number.NaN
  const now = scheduledAt(day, cloud.now())?.desired ?? 0
  site.plan(...allRegions.map((region) => aState(region, [aPool(region, now, 0, { min: 1, schedule: day })])))
  const applied = await applyStep(project, applyAll)
  assert.deepEqual(applied.map(({ run }) => run?.outcome), ['succeeded', 'succeeded', 'succeeded', 'succeeded'])

  for (const name of ['prescale.yaml', 'stacks', 'index.ts', 'Pulumi.yaml', 'src', 'node_modules']) rmSync(join(directory, name), { recursive: true, force: true })
  for (const name of readdirSync(join(directory, '.prescale'))) if (name !== 'sandbox') rmSync(join(directory, '.prescale', name), { recursive: true })
  const left = await SandboxCloud.open(join(directory, '.prescale', 'sandbox'), { scenarioFile: join(directory, 'data', 'scenario.yaml'), catalogue: project.catalogue })

  const start = left.now()
  const counts = new Set<number>()
  for (let hour = 1; hour <= 24; hour += 1) {
    const at = start + hour * hourSeconds
    await left.advance(at - left.now())
    if (scheduledAt(day, at)?.minuteOfDay !== scheduledAt(day, at - lagSeconds)?.minuteOfDay) continue
    const pools = left.liveCounts(allRegions).pools
    assert.deepEqual(
      pools.map(({ region, desired }) => `${region} ${desired}`),
      pools.map((pool) => `${pool.region} ${planned(at)}`),
      `hour ${hour}`,
    )
    counts.add(pools[0]?.desired ?? 0)
  }
  assert.ok(counts.size >= 6, `counts seen: ${[...counts].join(' ')}`)
})
