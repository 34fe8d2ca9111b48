import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Plan, TrafficShare } from '../../src/domain/plan.ts'
import { recordsIn } from '../../src/plan/traffic-records.ts'
import { someSettings } from './some-settings.ts'

const endpoints = 'endpoints: { gcp/europe-west1: lb-2.example, aws/us-east-1: lb-1.example }'
const share = (userZone: string, region: 'us-east-1' | 'europe-west1', of: number): TrafficShare =>
  ({ cloud: region === 'us-east-1' ? 'aws' : 'gcp', region, workload: 'web', userZone, shares: [of] })

/** @returns records by region */
function records(traffic: string, shares: readonly TrafficShare[]) {
  const settings = someSettings(`serves: { perUnit: { vcpu: 0.1 } }\ntraffic: { ${traffic}, ${endpoints} }`)
  const plan = { traffic: shares } as Pick<Plan, 'traffic'>
  return settings.regions.map((region) => recordsIn(plan, settings, region).records)
}

test('weights of all regions stand together in the first stack of the cloud that answers', () => {
  const targets = [{ region: 'aws/us-east-1', endpoint: 'lb-1.example', weight: 25 }, { region: 'gcp/europe-west1', endpoint: 'lb-2.example', weight: 75 }]
  const [aws, gcp] = records('dns: cloud-dns, managedZone: shop, domain: web.example', [share('east', 'us-east-1', 0.254), share('east', 'europe-west1', 0.746)])
  assert.equal(aws, undefined)
  assert.deepEqual(gcp?.[0], { dns: 'cloud-dns', workload: 'web', userZone: 'east', managedZone: 'shop', name: 'east.web.example', ttlSeconds: 60, targets })
})

test('without a region of that cloud the first that has an endpoint holds them', () => {
  const [aws, gcp] = records('dns: traffic-manager, resourceGroup: shop, profile: web, monitor: { protocol: TCP, port: 8080 }', [share('west', 'us-east-1', 1)])
  assert.equal(gcp, undefined)
  assert.deepEqual(aws?.map((record) => 'dns' in record && [record.name, record.dns === 'traffic-manager' && record.monitor, record.targets.map(({ weight }) => weight)]), [
    ['web-east', { protocol: 'TCP', port: 8080 }, [1, 1]],
    ['web-west', { protocol: 'TCP', port: 8080 }, [100, 0]],
  ])
})
