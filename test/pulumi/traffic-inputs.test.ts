import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyOfRecord, recordAsLive } from '../../src/domain/traffic-record.ts'
import { recordInputs } from '../../src/pulumi/aws/traffic-records.ts'
import { profileInputs } from '../../src/pulumi/azure/traffic-profile.ts'
import { recordSetInputs } from '../../src/pulumi/gcp/traffic-record-set.ts'
import { liveRecords } from '../../src/pulumi/live-records.ts'

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

const monitor = { protocol: 'HTTPS', port: 443, path: '/' } as const
const common = { workload: 'web', userZone: 'east', ttlSeconds: 60 }
const route53 = { ...common, zoneId: 'Z1', name: 'Web.example', endpoint: 'lb-1.example', weight: 30 }
const set = { ...common, dns: 'cloud-dns', managedZone: 'shop', name: 'web.example', targets } as const
const profile = { ...common, dns: 'traffic-manager', resourceGroup: 'shop', name: 'Web', monitor, targets } as const
const found = (type: string, properties: object) => liveRecords([{ type, properties: { ...properties } }])[0]
const [recordType, setType, profileType] = ['aws:route53/record:Record', 'gcp:dns/recordSet:RecordSet', 'azure-native:trafficmanager:Profile']

test('what was declared is read back as the same record with the same weights', () => {
  const read = [found(recordType, recordInputs(route53, 'aws/us-east-1')), found(setType, recordSetInputs(set)), found(profileType, profileInputs(profile))]
  assert.deepEqual(read.map((record) => record?.key), ['route53/z1/web.example/aws/us-east-1', 'cloud-dns/shop/web.example', 'traffic-manager/web'])
  assert.deepEqual(read.map((record) => record?.key), [route53, set, profile].map((record) => keyOfRecord(record, 'aws/us-east-1')))
  assert.deepEqual([route53, set, profile].map((record, index) => read[index] && recordAsLive(record, read[index])), [route53, set, profile])
})

test('a profile that is disabled answers nobody', () => {
  assert.deepEqual(found(profileType, { ...profileInputs(profile), profileStatus: 'Disabled' })?.targets.map(({ weight }) => weight), [0, 0])
})

test('a weight that is missing or absurd is a fault, never 0', () => {
  for (const weight of [undefined, null, '', 'many', -1, Number.NaN]) {
    assert.throws(() => found(recordType, { ...recordInputs(route53, 'aws/us-east-1'), weightedRoutingPolicies: [{ weight }] }), TypeError, String(weight))
    assert.throws(() => found(setType, { ...recordSetInputs(set), routingPolicy: { wrrs: [{ weight, rrdatas: ['a.'] }] } }), TypeError, String(weight))
    assert.throws(() => found(profileType, { ...profileInputs(profile), endpoints: [{ target: 'a', weight, endpointStatus: 'Enabled' }] }), TypeError, String(weight))
  }
})
