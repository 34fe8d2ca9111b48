import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { DesiredState } from '../../src/domain/desired-state.ts'
import { terraformVariables } from '../../src/documents/terraform-variables.ts'
import { aDesiredPool, aDesiredState } from '../support/a-desired-state.ts'

const modules = ['aws', 'gcp', 'azure', 'eks', 'gke', 'aks'] as const
const day = [
  { minuteOfDay: 510, min: 2, desired: 6, max: 12 },
  { minuteOfDay: 1200, min: 1, desired: 3, max: 10 },
]
const states = [
  aDesiredState([aDesiredPool({ schedule: day }), aDesiredPool({ option: 'spot', owns: 'bounds' })]),
  aDesiredState([aDesiredPool({ cloud: 'gcp', region: 'us-central1', type: 'n2d-standard-4' })]),
  aDesiredState([aDesiredPool({ cloud: 'azure', region: 'eastus', type: 'Standard_D4as_v4' })]),
]
const kubernetes = [
  aDesiredState([aDesiredPool({ kubernetes: { cluster: 'shop', nodeRole: 'arn:aws:iam::1:role/nodes' } })]),
  aDesiredState([aDesiredPool({ cloud: 'gcp', region: 'us-central1', type: 'n2d-standard-4', kubernetes: { cluster: 'shop' } })]),
  aDesiredState([aDesiredPool({ cloud: 'azure', region: 'eastus', type: 'Standard_D4as_v4', group: 'web1', kubernetes: { cluster: 'shop' } })]),
]
const given = (list: readonly DesiredState[]): readonly { readonly kind: string; readonly cluster: string | null }[] =>
  Object.values((JSON.parse(terraformVariables(list)) as { prescale_pools: Record<string, { kind: string; cluster: string | null }> }).prescale_pools)

test('a pool says whether it is a group or a node pool of which cluster, and every kind has one module that takes it', () => {
  assert.deepEqual(given(kubernetes).map(({ kind, cluster }) => [kind, cluster]), [['eks-node-group', 'shop'], ['aks-agent-pool', 'shop'], ['gke-node-pool', 'shop']])
  assert.deepEqual([...new Set(given(states).map(({ kind, cluster }) => `${kind} ${cluster}`))], ['group null'])
  const taken = modules.map((name) => /pool\.kind == "([a-z-]+)"/.exec(readFileSync(new URL(`../../examples/terraform/${name}.tf`, import.meta.url), 'utf8'))?.[1])
  assert.deepEqual(taken, ['group', 'group', 'group', 'eks-node-group', 'gke-node-pool', 'aks-agent-pool'])
})

test('the variables hold every pool of the three clouds with its counts and the lasting of its changes', () => {
  assert.equal(terraformVariables(states), readFileSync(new URL('golden/prescale.auto.tfvars.json', import.meta.url), 'utf8'))
})

test('the order of stacks does not matter', () => {
  const pools = (text: string): unknown => (JSON.parse(text) as { prescale_pools: unknown }).prescale_pools
  assert.equal(JSON.stringify(pools(terraformVariables(states.toReversed()))), JSON.stringify(pools(terraformVariables(states))))
})

test('the module declares each attribute that the variables give, and uses no other', () => {
  const declared = readFileSync(new URL('../../examples/terraform/variables.tf', import.meta.url), 'utf8')
  const given = Object.values((JSON.parse(terraformVariables(states)) as { prescale_pools: Record<string, { schedule: readonly object[] }> }).prescale_pools)[0]
  assert.ok(given !== undefined)
  for (const name of Object.keys(given)) assert.match(declared, new RegExp(`^ +${name} += `, 'm'))
  for (const name of Object.keys(given.schedule[0] ?? {})) assert.match(declared, new RegExp(`^ +${name} += number`, 'm'))
  const known = new Set([...Object.keys(given), ...given.schedule.flatMap(Object.keys)])
  for (const name of modules) {
    const module = readFileSync(new URL(`../../examples/terraform/${name}.tf`, import.meta.url), 'utf8')
    for (const [, used = ''] of module.matchAll(/\b(?:pool|scaling_schedules\.value|profile\.value|autoscaling\.value)\.([a-z_]+)/g)) {
      assert.ok(known.has(used), `${name}.tf uses ${used}`)
    }
    assert.match(module, /prevent_destroy = true/)
  }
})
