import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DesiredRecord } from '../../src/domain/desired-state.ts'
import type { RegionKey } from '../../src/domain/pool.ts'
import { runStacks } from '../../src/reconcile/run-stacks.ts'
import { anEngineProject, aRegionState } from './engine-project.ts'

const common = { workload: 'web', userZone: 'us-east', ttlSeconds: 60 }
const holders: readonly { readonly region: RegionKey; readonly record: (weight: number) => DesiredRecord; readonly changed: RegExp }[] = [
  {
    region: { cloud: 'gcp', region: 'us-central1' },
    record: (weight) => ({ dns: 'cloud-dns', ...common, managedZone: 'shop', name: 'web.shop.example', targets: targets(weight) }),
    changed: /weight *: 60 => 61/,
  },
  {
    region: { cloud: 'azure', region: 'eastus' },
    record: (weight) => ({
      dns: 'traffic-manager', ...common, resourceGroup: 'sandbox-eastus', name: 'shop-web', monitor: { protocol: 'HTTPS', port: 443, path: '/' }, targets: targets(weight),
    }),
    changed: /weight *: 60 => 61/,
  },
]
const targets = (weight: number) => [
  { region: 'aws/us-east-1', endpoint: 'lb-1.example', weight },
  { region: 'azure/eastus', endpoint: 'lb-2.example', weight: 0 },
  { region: 'gcp/us-central1', endpoint: 'lb-3.example', weight: 100 - weight },
]

test('pulumi preview from a shell finds the weights as they were applied, read from the cloud, and shows one that changes', async () => {
  const project = await anEngineProject()
  try {
    const stacks = (weight: number) => holders.map(({ region, record }) => project.target({ ...aRegionState(region, []), records: [record(weight)] }))
    const runs = await runStacks('apply', stacks(60), project.engine, () => {}, AbortSignal.timeout(120_000))
    assert.deepEqual(runs.map(({ outcome, failures, changes }) => [outcome, failures, changes.created > 0]), [['succeeded', [], true], ['succeeded', [], true]])
    for (const { stack } of stacks(60)) {
      const { stdout, code } = await project.shell('preview', '--refresh', '--expect-no-changes', '--non-interactive', '-s', stack)
      assert.equal(code, 0, stdout)
    }
    for (const [index, { stack }] of stacks(61).entries()) {
      assert.match((await project.shell('preview', '--diff', '--non-interactive', '--color', 'never', '-s', stack)).stdout, holders[index]?.changed ?? /never/)
    }
  } finally {
    project.remove()
  }
})
