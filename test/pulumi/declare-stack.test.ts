import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import * as pulumi from '@pulumi/pulumi'
import type { DesiredPool } from '../../src/domain/desired-state.ts'
import { Problem } from '../../src/domain/problem.ts'
import { declareStack } from '../../src/pulumi/declare-stack.ts'
import { aDesiredPool, aDesiredState, aLaunch } from '../support/a-desired-state.ts'

interface Declared {
  readonly type: string
  readonly name: string
  readonly inputs: Readonly<Record<string, unknown>>
}

let declared: Declared[] = []

beforeEach(async () => {
  declared = []
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        declared.push({ type, name, inputs })
        return { id: `${name}-id`, state: { ...inputs, name: inputs.name ?? name, selfLink: `link/${name}`, selfLinkUnique: `link/${name}?unique` } }
      },
      call: ({ inputs }) => inputs,
    },
    'prescale',
    'sandbox.aws-us-east-1',
  )
})

const settled = (output: pulumi.Output<unknown>): Promise<unknown> => new Promise((resolve) => output.apply(resolve))

/** @returns what a pool declares, in order of type and name, components left out */
async function declaredBy(pool: DesiredPool): Promise<readonly Declared[]> {
  const { pools } = declareStack(aDesiredState([pool]))
  assert.equal(await settled(pools[pool.group]?.group ?? pulumi.output('')), pool.group)
  await pulumi.runtime.disconnect()
  return declared.filter(({ type }) => !type.startsWith('prescale:')).toSorted((a, b) => (`${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1))
}

const day = [
  { minuteOfDay: 480, min: 2, desired: 7, max: 12 },
  { minuteOfDay: 1200, min: 1, desired: 3, max: 14 },
]

test('an AWS pool is a launch template, a group on it, and one action per change of the day', async () => {
  const resources = await declaredBy(aDesiredPool({ schedule: day }))
  assert.deepEqual(resources.map(({ type, name }) => `${type} ${name}`), [
    'aws:autoscaling/group:Group web-m7g-large-on-demand',
    'aws:autoscaling/schedule:Schedule web-m7g-large-on-demand-0800',
    'aws:autoscaling/schedule:Schedule web-m7g-large-on-demand-2000',
    'aws:ec2/launchTemplate:LaunchTemplate web-m7g-large-on-demand',
  ])
  const launched = resources[0]?.inputs['mixedInstancesPolicy'] as { launchTemplate: { launchTemplateSpecification: unknown } }
  assert.deepEqual(launched.launchTemplate.launchTemplateSpecification, { launchTemplateId: 'web-m7g-large-on-demand-id', version: '$Latest' })
  assert.equal(resources[1]?.inputs['autoscalingGroupName'], 'web-m7g-large-on-demand')
})

test('an existing template is referred to and none is created', async () => {
  assert.deepEqual((await declaredBy(aDesiredPool({ launch: aLaunch({ template: 'mine' }) }))).map(({ type }) => type), ['aws:autoscaling/group:Group'])
  declared = []
  const google = aDesiredPool({ cloud: 'gcp', region: 'us-central1', launch: aLaunch({ template: 'mine' }) })
  assert.deepEqual((await declaredBy(google)).map(({ type }) => type), ['gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager'])
})

test('a Google pool is a template, a regional group on it, and an autoscaler of the group', async () => {
  const [template, autoscaler, group] = await declaredBy(aDesiredPool({ cloud: 'gcp', region: 'us-central1', type: 'n2-standard-4', schedule: day }))
  assert.deepEqual(
    [template?.type, autoscaler?.type, group?.type],
    ['gcp:compute/instanceTemplate:InstanceTemplate', 'gcp:compute/regionAutoscaler:RegionAutoscaler', 'gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager'],
  )
  assert.deepEqual(group?.inputs['versions'], [{ instanceTemplate: 'link/web-n2-standard-4-on-demand?unique' }])
  assert.equal(autoscaler?.inputs['target'], 'link/web-n2-standard-4-on-demand')
})

test('an Azure pool is a scale set and an autoscale setting of it', async () => {
  const pool = aDesiredPool({ cloud: 'azure', region: 'eastus', type: 'Standard_D4s_v5', schedule: day, launch: aLaunch({ resourceGroup: 'shop' }) })
  const [scaleSet, setting] = await declaredBy(pool)
  assert.deepEqual([scaleSet?.type, setting?.type], ['azure-native:compute:VirtualMachineScaleSet', 'azure-native:monitor:AutoscaleSetting'])
  assert.equal(setting?.inputs['targetResourceUri'], 'web-standard-d4s-v5-on-demand-id')
})

test('a pool that cannot be launched is told before anything is declared, with all that is missing', () => {
  const pools = ['a', 'b'].map((workload) => aDesiredPool({ cloud: 'azure', region: 'eastus', workload, launch: aLaunch() }))
  assert.throws(
    () => declareStack(aDesiredState(pools)),
    (error) => error instanceof Problem && error.code === 'launch-incomplete' && /a-.*launch\.resourceGroup, b-.*launch\.resourceGroup/.test(error.message),
  )
  assert.deepEqual(declared, [])
})
