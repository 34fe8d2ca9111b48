import assert from 'node:assert/strict'
import { test } from 'node:test'
import { profileInputs } from '../../src/pulumi/azure/traffic-profile.ts'
import { recordSetInputs } from '../../src/pulumi/gcp/traffic-record-set.ts'

const targets = [{ region: 'aws/us-east-1', endpoint: 'lb-1.example', weight: 100 }, { region: 'gcp/us-central1', endpoint: 'lb-2.example', weight: 0 }]

test('Cloud DNS gets absolute names and a weight for each, also 0', () => {
  const { name, routingPolicy } = recordSetInputs({ dns: 'cloud-dns', workload: 'web', userZone: 'east', managedZone: 'shop', name: 'web.example', ttlSeconds: 60, targets })
  assert.deepEqual([name, routingPolicy], ['web.example.', { wrrs: [{ weight: 100, rrdatas: ['lb-1.example.'] }, { weight: 0, rrdatas: ['lb-2.example.'] }] }])
})

test('Traffic Manager, whose weights begin at 1, disables what gets nothing', () => {
  const monitor = { protocol: 'HTTPS', port: 443, path: '/' } as const
  const { endpoints } = profileInputs({ dns: 'traffic-manager', workload: 'web', userZone: 'east', resourceGroup: 'shop', name: 'web', ttlSeconds: 60, monitor, targets })
  const type = 'Microsoft.Network/trafficManagerProfiles/externalEndpoints'
  assert.deepEqual(endpoints, [
    { name: 'aws-us-east-1', type, target: 'lb-1.example', weight: 100, endpointStatus: 'Enabled' },
    { name: 'gcp-us-central1', type, target: 'lb-2.example', weight: 1, endpointStatus: 'Disabled' },
  ])
})
