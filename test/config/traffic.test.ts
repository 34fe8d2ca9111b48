import assert from 'node:assert/strict'
import { test } from 'node:test'
import { traffic } from '../../src/config/rules/traffic.ts'
import { Problem } from '../../src/domain/problem.ts'
import { someSettings } from '../plan/some-settings.ts'

const serves = 'serves: { perUnit: { vcpu: 0.1 } }'
function faults(traffic: string, rest = ''): string {
  try {
    someSettings(`${serves}\ntraffic: { dns: route53, zoneId: Z1, domain: web.example, ${traffic} }\n${rest}`)
    return ''
  } catch (error) {
    return error instanceof Problem ? error.message.split('\n').slice(1).join('\n') : String(error)
  }
}
const both = 'endpoints: { aws/us-east-1: lb-1.example, gcp/europe-west1: lb-2.example }'

test('every region that may serve a workload needs an endpoint, others do not', () => {
  assert.equal(faults(both), '')
  assert.match(faults('endpoints: { aws/us-east-1: lb-1.example }'), /workloads\[0\]\.traffic\.endpoints: lacks gcp\/europe-west1, which may serve web$/)
  assert.equal(faults('endpoints: { aws/us-east-1: lb-1.example }', 'regions: { allow: [aws/us-east-1] }'), '')
})

test('an endpoint of a region that is not configured is a fault', () => {
  assert.match(faults(both.replace(' }', ', aws/us-east-2: lb-3.example }')), /aws\/us-east-2 is not a configured region; did you mean aws\/us-east-1\?/)
})

test('answers may not be kept for longer than nodes drain', () => {
  assert.equal(faults(`${both}, ttl: 2m`), '')
  assert.match(faults(`${both}, ttl: 3m`), /workloads\[0\]\.traffic\.ttl: is 180 s, above moves\.drain 120 s$/)
})

const asked = (traffic: string, rest = ''): string => {
  try {
    someSettings(`${serves}\ntraffic: { ${traffic} }\n${rest}`)
    return ''
  } catch (error) {
    return error instanceof Problem ? error.message.split('\n').slice(1).join('\n') : String(error)
  }
}

test('each provider is asked for by its own settings, and what is another’s is a fault at its place', () => {
  assert.equal(asked(`dns: cloud-dns, managedZone: shop, domain: web.example, ${both}`), '')
  assert.equal(asked(`dns: traffic-manager, resourceGroup: shop, profile: shop-web, ${both}`), '')
  assert.match(asked(`dns: cloud-dns, zoneId: Z1, domain: web.example, ${both}`), /prescale\.yaml:\d+:\d+ workloads\[0\]\.traffic\.managedZone/)
  assert.match(asked(`dns: traffic-manager, resourceGroup: shop, profile: shop_web, ${both}`), /prescale\.yaml:\d+:\d+ workloads\[0\]\.traffic\.profile: .*letters, digits and hyphens/)
  assert.match(asked(`dns: traffic-manager, resourceGroup: shop, profile: p, monitor: { port: 0 }, ${both}`), /prescale\.yaml:\d+:\d+ workloads\[0\]\.traffic\.monitor\.port/)
  assert.match(asked(`dns: traffic-manager, resourceGroup: shop, profile: p, monitor: { path: health }, ${both}`), /traffic\.monitor\.path: .*begins with \//)
  assert.match(asked(`dns: bind, ${both}`), /prescale\.yaml:\d+:\d+ workloads\[0\]\.traffic\.dns/)
})

test('a profile of a user zone may not have a longer name than DNS allows', () => {
  const long = 'p'.repeat(59)
  assert.match(asked(`dns: traffic-manager, resourceGroup: shop, profile: ${long}, ${both}`), new RegExp(`traffic\\.profile: makes the profile ${long}-east, expected .* at most 63`))
})

test('two workloads may not share a name', () => {
  const [web] = someSettings(`${serves}\ntraffic: { dns: cloud-dns, managedZone: shop, domain: web.example, ${both} }`).workloads
  const settings = someSettings()
  assert.ok(web?.traffic?.dns === 'cloud-dns')
  const api = { ...web, name: 'api', traffic: { ...web.traffic, domain: 'WEB.example.' } }
  assert.deepEqual(traffic({ ...settings, workloads: [web, api] }).map(({ path, message }) => [path.join('.'), message]), [['workloads.1.traffic.domain', 'is already that of workloads[0]']])
  assert.deepEqual(traffic({ ...settings, workloads: [web, { ...api, traffic: { ...api.traffic, managedZone: 'other' } }] }), [])
})
