import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aStateFolder, aTemporaryFolder } from './a-world.ts'
import { aProvider } from './provider-client.ts'

test('Cloud DNS refuses names that are not absolute and weights below 0', async (context) => {
  const provider = await aProvider(context, 'gcp', aStateFolder(aTemporaryFolder(context)))
  const { failures } = await provider.check('gcp:dns/recordSet:RecordSet', {
    managedZone: 'shop', name: 'web.example', type: 'CNAME', ttl: 60, routingPolicy: { wrrs: [{ weight: -1, rrdatas: ['lb.example'] }] },
  })
  assert.deepEqual(failures, {
    name: "'web.example' must end in a dot",
    'routingPolicy.wrrs[0].weight': 'is -1, below 0',
    'routingPolicy.wrrs[0].rrdatas': "'lb.example' must end in a dot",
  })
})

test('Traffic Manager refuses weights outside 1 to 1000 and a DNS name that another profile has', async (context) => {
  const folder = aStateFolder(aTemporaryFolder(context))
  const provider = await aProvider(context, 'azure-native', folder)
  const profile = (profileName: string, weight: number) => ({
    resourceGroupName: 'web', profileName, location: 'global', trafficRoutingMethod: 'Weighted', dnsConfig: { relativeName: 'shop', ttl: 60 },
    endpoints: [{ name: 'a', type: 'Microsoft.Network/trafficManagerProfiles/externalEndpoints', target: 'lb.example', weight, endpointStatus: 'Enabled' }],
  })
  const token = 'azure-native:trafficmanager:Profile'
  const refused = await Promise.all([0, 1001, 1.5, 1, 1000].map(async (weight) => Object.keys((await provider.check(token, profile('a', weight))).failures)))
  assert.deepEqual(refused, [['endpoints[0].weight'], ['endpoints[0].weight'], ['endpoints[0].weight'], [], []])
  await provider.create('azure-native:resources:ResourceGroup', { resourceGroupName: 'web', location: 'eastus' })
  await provider.create(token, profile('a', 1))
  await assert.rejects(provider.create(token, profile('b', 1)), /Domain name shop\.trafficmanager\.net already exists/)
})
