import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { inWholeZones, kubernetesPlace, nodePoolKinds, nodePoolName } from '../../src/domain/kubernetes.ts'
import { clouds, groupName, purchaseOptions } from '../../src/domain/pool.ts'
import { aDesiredPool, aLaunch } from '../support/a-desired-state.ts'

const key = { cloud: 'azure', region: 'eastus', workload: 'web', type: 'Standard_D4s_v5', option: 'spot' } as const

test('a node pool is named as its cloud allows: AKS has twelve letters and digits, GKE forty characters', () => {
  const names = fc.record({
    cloud: fc.constantFrom(...clouds),
    region: fc.constant('r'),
    workload: fc.stringMatching(/^[a-z][a-z0-9-]{0,38}$/),
    type: fc.constantFrom('m7g.large', 'n2d-standard-4', 'Standard_D4as_v4'),
    option: fc.constantFrom(...purchaseOptions),
  })
  fc.assert(
    fc.property(names, (pool) => {
      assert.match(nodePoolName(pool), pool.cloud === 'azure' ? /^[a-z][a-z0-9]*$/ : /^[a-z][a-z0-9-]*[a-z0-9]$/)
      assert.ok(nodePoolName(pool).length <= nodePoolKinds[pool.cloud].longestName)
    }),
  )
})

test('a name that is shortened still tells pools apart, and one that fits is that of the group', () => {
  assert.equal(nodePoolName({ ...key, cloud: 'aws', type: 'm7g.large' }), 'web-m7g-large-spot')
  const [spot, other] = [nodePoolName(key), nodePoolName({ ...key, type: 'Standard_D4as_v5' })]
  assert.equal(spot.slice(0, 6), 'websta')
  assert.notEqual(spot, other)
  assert.ok(groupName(key).length > 12)
})

test('a workload’s pools are those of the first cluster that takes it, or groups', () => {
  const clusters = [{ name: 'a', workloads: ['feed'] }, { name: 'b', workloads: ['web'], nodeRole: 'arn' }]
  assert.deepEqual(kubernetesPlace(clusters, 'web'), { cluster: 'b', nodeRole: 'arn' })
  assert.equal(kubernetesPlace(clusters, 'mail'), undefined)
  assert.deepEqual(kubernetesPlace([{ name: 'a' }], 'mail'), { cluster: 'a' })
  assert.equal(kubernetesPlace(undefined, 'web'), undefined)
})

test('GKE holds as many nodes in every zone: counts are rounded up, said in the reason, and never down', () => {
  const pool = aDesiredPool({ cloud: 'gcp', kubernetes: { cluster: 'shop' }, min: 4, desired: 5, max: 6, launch: aLaunch({ zones: ['a', 'b', 'c'] }) })
  const { min, desired, max, reason } = inWholeZones(pool)
  assert.deepEqual([min, desired, max], [6, 6, 6])
  assert.equal(reason, 'demand; 6 nodes, as GKE holds equally many in each of 3 zones')
  for (const other of [{ ...pool, owns: 'bounds' as const }, aDesiredPool({ ...pool, cloud: 'aws' }), aDesiredPool({ desired: 5 })]) assert.equal(inWholeZones(other), other)
  assert.equal(inWholeZones({ ...pool, min: 0, desired: 6, max: 9 }).reason, 'demand')
})
