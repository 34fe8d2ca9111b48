// Measures the simulated clouds with a fleet like the demo's: node bench/sandbox/clouds.ts
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadCatalogue } from '../../src/config/load-settings.ts'
import { createResource } from '../../src/sandbox/cloud-calls.ts'
import { SandboxCloud } from '../../src/sandbox/sandbox-cloud.ts'
import { StateFolder } from '../../src/sandbox/state-folder.ts'

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'prescale-bench-'))

/** Wall and CPU time of `body` once, in milliseconds. */
async function measured(name: string, body: () => unknown): Promise<void> {
  const wall = performance.now()
  const cpu = process.cpuUsage()
  await body()
  const { user, system } = process.cpuUsage(cpu)
  console.log(`${name.padEnd(40)} ${(performance.now() - wall).toFixed(1).padStart(9)} ms wall ${((user + system) / 1000).toFixed(1).padStart(9)} ms CPU`)
}

try {
  const catalogue = loadCatalogue(readFileSync(path('catalogue.yaml'), 'utf8'), 'catalogue.yaml')
  const init = { scenarioFile: path('data/scenario.yaml'), catalogue }
  await measured('create, 28 days of history', () => SandboxCloud.open(directory, init))
  const cloud = await SandboxCloud.open(directory, init)
  // 12 regions x 4 groups of 4 nodes, each with two scheduled actions.
  new StateFolder(directory, () => 0).change((state, world) => {
    for (let group = 0; group < 48; group += 1) {
      const name = `web-${group}`
      const region = group % 2 === 0 ? 'us-east-1' : 'eu-west-1'
      const scope = { region, project: 'sandbox' }
      createResource(state, world, 'aws:ec2/launchTemplate:LaunchTemplate', { name, instanceType: region === 'us-east-1' ? 'm6i.2xlarge' : 'm6i.xlarge' }, scope)
      const tags = [{ key: 'prescale-workload', value: 'web' }]
      const inputs = { name, minSize: 0, maxSize: 20, desiredCapacity: 4, availabilityZones: [`${region}a`], launchTemplate: { name }, tags }
      createResource(state, world, 'aws:autoscaling/group:Group', inputs, scope)
      for (const [hour, count] of [[7, 5], [19, 3]] as const) {
        const action = { scheduledActionName: `at-${hour}`, autoscalingGroupName: name, recurrence: `0 ${hour} * * *`, minSize: 0, maxSize: 20, desiredCapacity: count }
        createResource(state, world, 'aws:autoscaling/schedule:Schedule', action, scope)
      }
    }
  })
  await cloud.advance(900)
  const regions = ['us-east-1', 'eu-west-1'].map((region) => ({ cloud: 'aws' as const, region }))
  await measured('open', () => SandboxCloud.open(directory, init))
  await measured('live read of 48 groups, 192 nodes', () => cloud.liveCounts(regions))
  await measured('summary', () => cloud.summary())
  await measured('a day', () => cloud.advance(86_400))
  console.log(`state ${(statSync(join(directory, 'state.json')).size / 1000).toFixed(0)} kB`)
} finally {
  rmSync(directory, { recursive: true })
}
