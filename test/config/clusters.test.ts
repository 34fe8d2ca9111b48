import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadSettings } from '../../src/config/load-settings.ts'
import { Problem } from '../../src/domain/problem.ts'

const eks = 'clusters: [{ name: shop, nodeRole: arn:aws:iam::1:role/nodes }]'

/** @returns what is wrong with two workloads whose pools are, by region, as `regions` says */
function faults(regions: Readonly<Partial<Record<'aws' | 'gcp' | 'azure', string>>>, owns = 'count'): string {
  const settings = `
name: shop
history: { source: csv, paths: [demand.csv] }
plan: { survive: { zone: false, region: false } }
userZones: [{ name: east, latitude: 40, longitude: -75 }]
regions:
  - { cloud: aws, region: us-east-1, zones: [a, b], ${regions.aws ?? ''} }
  - { cloud: gcp, region: us-central1, zones: [b, c], ${regions.gcp ?? ''} }
  - { cloud: azure, region: eastus, zones: ['1'], launch: { resourceGroup: shop }, ${regions.azure ?? ''} }
workloads:
  - { name: web, unit: requests/s, demand: { measurement: http, kind: count }, userZones: [east], serves: { perUnit: { vcpu: 0.1 } }, owns: ${owns} }
  - { name: feed, unit: requests/s, demand: { measurement: http, kind: count }, userZones: [east], serves: { perUnit: { vcpu: 0.1 } } }
`
  try {
    loadSettings(settings, 'prescale.yaml')
    return ''
  } catch (error) {
    return error instanceof Problem ? error.message.split('\n').slice(1).join('\n') : String(error)
  }
}

test('a cluster needs its name, on AWS also the role and the subnets of its nodes', () => {
  assert.equal(faults({ aws: `launch: { subnets: [subnet-1] }, ${eks}`, gcp: 'clusters: [{ name: shop }]', azure: 'clusters: [{ name: shop }]' }), '')
  const missing = faults({ aws: 'clusters: [{ name: shop }]' })
  assert.match(missing, /regions\[0\]\.clusters\[0\]\.nodeRole: is missing, expected the ARN of the IAM role of the nodes/)
  assert.match(missing, /regions\[0\]\.launch\.subnets: is empty, expected the subnets of the nodes of shop/)
  assert.match(faults({ gcp: 'clusters: [{ name: shop, nodeRole: arn }]' }), /nodeRole: is AWS’s, and us-central1 is a region of gcp/)
})

test('a workload’s pools in a region are in one cluster', () => {
  assert.equal(faults({ gcp: 'clusters: [{ name: a, workloads: [web] }, { name: b, workloads: [feed] }]' }), '')
  assert.match(faults({ gcp: 'clusters: [{ name: a, workloads: [web] }, { name: b }]' }), /regions\[1\]\.clusters\[1\]: takes the pools of web, which regions\[1\]\.clusters\[0\] takes already/)
  assert.match(faults({ gcp: 'clusters: [{ name: a, workloads: [wep] }]' }), /clusters\[0\]\.workloads\[0\]: wep is not a configured workload; did you mean web\?/)
})

test('only node groups of EKS have schedules in the cloud: elsewhere `owns: schedule` is one fault that says what to do', () => {
  assert.equal(faults({ aws: `launch: { subnets: [subnet-1] }, ${eks}` }, 'schedule'), '')
  for (const [cloud, title] of [['gcp', 'GKE node pools, which web has in gcp/us-central1'], ['azure', 'AKS agent pools, which web has in azure/eastus']] as const) {
    const told = faults({ [cloud]: 'clusters: [{ name: shop }]' }, 'schedule')
    assert.equal(told.split('\n').filter((line) => line.includes('workloads[0].owns')).length, 1, told)
    assert.match(told, new RegExp(`is schedule, and ${title}, have no schedules in the cloud: with count prescale moves them by the plan, with bounds the cluster’s own autoscaler does`))
    assert.equal(faults({ [cloud]: 'clusters: [{ name: shop, workloads: [feed] }]' }, 'schedule'), '')
    for (const owns of ['count', 'bounds']) assert.equal(faults({ [cloud]: 'clusters: [{ name: shop }]' }, owns), '')
  }
})
