import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { updateResource } from '../../src/sandbox/cloud-calls.ts'
import { sharesIn } from '../../src/sandbox/answers.ts'
import type { Cloud } from '../../src/domain/pool.ts'
import { converge, want } from '../../src/sandbox/groups.ts'
import type { Inputs } from '../../src/sandbox/inputs.ts'
import type { World } from '../../src/sandbox/world.ts'
import { aWorld, Clouds, resourceGroupToken, scope, withAwsGroup, withGcpGroup } from './a-world.ts'

const regions = { 'lb-1.example': 'aws/us-east-1', 'lb-3.example': 'gcp/us-central1' }
const [workload] = aWorld().workloads
assert.ok(workload)
/** 30 000 requests in each step of 300 s, of which one node of 4 vCPUs serves 12 000. */
const world = (name: string): World => aWorld({ workloads: [{ ...workload, userZones: [{ name: 'east', share: 1, laterHours: 0 }] }], names: [{ workload: 'web', userZone: 'east', name, regions }] })

interface Service {
  readonly title: string
  readonly name: string
  /** Resources that make the name lead to Virginia and Iowa with these weights. */
  readonly resources: (virginia: number, iowa: number, ttlSeconds: number) => readonly { readonly token: string; readonly inputs: Inputs }[]
  readonly withoutWeights: readonly number[]
}

const record = (region: string, endpoint: string, weight: number, ttl: number) => ({
  token: 'aws:route53/record:Record',
  inputs: { zoneId: 'Z1', name: 'web.example', type: 'CNAME', ttl, records: [endpoint], setIdentifier: region, weightedRoutingPolicies: [{ weight }] },
})
const endpoint = (name: string, target: string, weight: number) => ({ name, target, weight: Math.max(1, weight), endpointStatus: weight > 0 ? 'Enabled' : 'Disabled' })
const services: readonly Service[] = [
  {
    title: 'Route 53',
    name: 'web.example',
    resources: (virginia, iowa, ttl) => [record('aws/us-east-1', 'lb-1.example', virginia, ttl), record('gcp/us-central1', 'lb-3.example', iowa, ttl)],
    withoutWeights: [15_000, 15_000],
  },
  {
    title: 'Cloud DNS',
    name: 'web.example',
    resources: (virginia, iowa, ttl) => [
      {
        token: 'gcp:dns/recordSet:RecordSet',
        inputs: {
          managedZone: 'shop', name: 'web.example.', type: 'CNAME', ttl,
          routingPolicy: { wrrs: [{ weight: virginia, rrdatas: ['lb-1.example.'] }, { weight: iowa, rrdatas: ['lb-3.example.'] }] },
        },
      },
    ],
    withoutWeights: [0, 0],
  },
  {
    title: 'Traffic Manager',
    name: 'shop-web.trafficmanager.net',
    resources: (virginia, iowa, ttl) => [
      {
        token: 'azure-native:trafficmanager:Profile',
        inputs: {
          resourceGroupName: 'web', profileName: 'shop-web', location: 'global', dnsConfig: { relativeName: 'shop-web', ttl },
          endpoints: [endpoint('aws-us-east-1', 'lb-1.example', virginia), endpoint('gcp-us-central1', 'lb-3.example', iowa)],
        },
      },
    ],
    withoutWeights: [0, 0],
  },
]

class NamedClouds extends Clouds {
  readonly #service: Service
  readonly #ids: { readonly token: string; readonly id: string; readonly inputs: Inputs }[] = []

  constructor(service: Service) {
    super(world(service.name))
    this.#service = service
    this.create(resourceGroupToken, { resourceGroupName: 'web', location: 'eastus' })
    withAwsGroup(this, { desiredCapacity: 2 })
    withGcpGroup(this, { targetSize: 1 })
    this.advance(600)
  }

  weights(virginia: number, iowa: number, ttlSeconds = 0): void {
    for (const [index, { token, inputs }] of this.#service.resources(virginia, iowa, ttlSeconds).entries()) {
      const before = this.#ids[index]
      if (before === undefined) this.#ids.push({ token, inputs, id: this.create(token, inputs).id })
      else updateResource(this.state, this.world, token, before.id, before.inputs, inputs, scope)
    }
  }

  /** Requests that came to Virginia and Iowa in the next step, and those that nobody served. */
  step() {
    const [step] = this.advance(300).at(-1)?.workloads ?? []
    const asked = (region: string) => step?.byRegion?.find((one) => one.region === region)?.demand
    return { asked: [asked('aws/us-east-1'), asked('gcp/us-central1')], dropped: step?.dropped }
  }
}

for (const service of services) {
  test(`${service.title}: requests go where the weights send them, and what a region cannot carry is not served by another`, () => {
    const clouds = new NamedClouds(service)
    assert.deepEqual(clouds.step(), { asked: [0, 0], dropped: 30_000 }, 'the name does not exist yet')
    clouds.weights(60, 40)
    assert.deepEqual(clouds.step(), { asked: [18_000, 12_000], dropped: 0 })
    // two nodes in Virginia carry 24 000, one in Iowa 12 000
    clouds.weights(0, 100)
    assert.deepEqual(clouds.step(), { asked: [0, 30_000], dropped: 18_000 })
    assert.deepEqual(clouds.state.utilisation, { web: 30_000 / 36_000, 'web aws/us-east-1': 0, 'web gcp/us-central1': 2.5, 'web aws/eu-west-1': 0, 'web azure/eastus': 0 })
    clouds.weights(0, 0)
    assert.deepEqual(clouds.step().asked, service.withoutWeights)
  })

  test(`${service.title}: users keep the old answer for the TTL, so that what they leave is asked for so long`, () => {
    const clouds = new NamedClouds(service)
    clouds.weights(100, 0, 60)
    clouds.step()
    clouds.weights(0, 100, 60)
    // over 60 s the old answers run out, of 30 000 requests in 300 s
    assert.deepEqual(clouds.step().asked, [3000, 27_000])
    assert.deepEqual(clouds.step().asked, [0, 30_000])
    assert.equal(clouds.state.answers?.[service.name]?.length, 1, 'what nobody keeps is forgotten')
  })
}

test('nodes that go when the weights change leave those unserved who keep the old answer', () => {
  const [, cloudDns] = services
  assert.ok(cloudDns)
  const clouds = new NamedClouds(cloudDns)
  const resize = (cloud: Cloud, count: number): void => {
    for (const group of Object.values(clouds.state.groups)) {
      if (group.cloud === cloud) want(group, count)
      converge(clouds.state, clouds.world, group)
    }
  }
  resize('aws', 3)
  resize('gcp', 3)
  clouds.weights(100, 0, 60)
  clouds.advance(750)
  clouds.weights(0, 100, 60)
  resize('aws', 0)
  // of 100 requests/s half a step in Virginia, and the old answers of the 60 s after it, which nobody serves
  assert.deepEqual(clouds.step(), { asked: [15_000 + 3000, 12_000], dropped: 3000 })
})

test('users of a zone that asks for no name reach nodes wherever they are', () => {
  const [route53] = services
  assert.ok(route53)
  const named = world(route53.name)
  const clouds = withGcpGroup(withAwsGroup(new Clouds({ ...named, names: named.names?.map((name) => ({ ...name, userZone: 'west' })) ?? [] }), { desiredCapacity: 2 }), { targetSize: 1 })
  clouds.advance(600)
  const [step] = clouds.advance(300)[0]?.workloads ?? []
  assert.deepEqual(step?.byRegion?.filter(({ demand }) => demand > 0).map(({ region, demand, served }) => [region, demand, served]), [['aws/us-east-1', 20_000, 20_000], ['gcp/us-central1', 10_000, 10_000]])
})

test('weights that hold for a part of a step get that part of its requests', () => {
  const [route53] = services
  assert.ok(route53)
  const clouds = new NamedClouds(route53)
  clouds.weights(100, 0)
  clouds.advance(225)
  clouds.weights(0, 100)
  assert.deepEqual(clouds.step().asked, [22_500, 7500])
})

test('whatever the answers were, no request is counted twice, and none is lost while each answer leads somewhere', () => {
  const ttl = fc.constantFrom(0, 30, 60, 300, 900)
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 1, maxLength: 6 }), ttl, (changes, ttlSeconds) => {
      let fromSeconds = 0
      const answers = changes.map(([later, share]) => ({ fromSeconds: (fromSeconds += later), ttlSeconds, shares: { a: share, b: 1 - share } }))
      const shares = [...sharesIn(answers, 600, 300).values()]
      assert.ok(shares.every((share) => share >= 0))
      assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-9, String(shares))
    }),
  )
})
