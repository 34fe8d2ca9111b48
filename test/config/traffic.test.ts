import assert from 'node:assert/strict'
import { test } from 'node:test'
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
