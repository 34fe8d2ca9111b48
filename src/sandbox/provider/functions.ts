import { CloudError, type CallScope } from '../clouds/cloud-api.ts'
import { readResource } from '../cloud-calls.ts'
import { textAt, type Inputs } from '../inputs.ts'
import type { StateFolder } from '../state-folder.ts'
import { worldRegion } from '../world.ts'
import type { Cloud } from '../../domain/pool.ts'

type CloudFunction = (inputs: Inputs, scope: CallScope, folder: StateFolder) => Inputs

const account = '000000000000'
const architecture = 'x86_64'

function regionIn(inputs: Inputs, scope: CallScope): string {
  const region = textAt(inputs, 'region') ?? scope.region
  if (region === undefined) throw new CloudError('MissingRegion', 'neither the call nor the provider names a region')
  return region
}

function zonesOf(folder: StateFolder, cloud: Cloud, region: string): readonly string[] {
  const known = worldRegion(folder.world(), cloud, region)
  if (known === undefined) throw new CloudError('InvalidRegion', `the sandbox has no region ${cloud}/${region}`)
  return known.zones
}

function found(token: string, id: (inputs: Inputs, scope: CallScope) => string): CloudFunction {
  return (inputs, scope, folder) => {
    const wanted = id(inputs, scope)
    const region = textAt(inputs, 'region') ?? scope.region
    const answer = folder.change((state, world) => readResource(state, world, token, wanted, inputs, { ...scope, region }))
    if (answer === undefined) throw new CloudError('NotFound', `${wanted} does not exist`)
    return { ...answer.outputs, id: answer.id }
  }
}

/** What programs commonly ask of the clouds beside their own resources, by the engine's function token. */
export const functions: Readonly<Record<string, CloudFunction>> = {
  'aws:ec2/getAmi:getAmi': () => ({ id: 'ami-0sandbox', imageId: 'ami-0sandbox', architecture, name: 'al2023-sandbox', rootDeviceName: '/dev/xvda', tags: {} }),
  'aws:index/getAvailabilityZones:getAvailabilityZones': (inputs, scope, folder) => {
    const region = regionIn(inputs, scope)
    const names = zonesOf(folder, 'aws', region)
    return { id: region, region, names, zoneIds: names.map((_name, index) => `sbx-az${index + 1}`), groupNames: names.map(() => region) }
  },
  'aws:index/getRegion:getRegion': (inputs, scope) => ({ id: regionIn(inputs, scope), name: regionIn(inputs, scope), region: regionIn(inputs, scope) }),
  'aws:index/getCallerIdentity:getCallerIdentity': () => ({ id: account, accountId: account, userId: 'sandbox', arn: `arn:aws:iam::${account}:user/sandbox` }),
  'aws:autoscaling/getGroup:getGroup': found('aws:autoscaling/group:Group', (inputs) => textAt(inputs, 'name') ?? ''),
  'gcp:compute/getZones:getZones': (inputs, scope, folder) => {
    const region = regionIn(inputs, scope)
    return { id: `projects/${scope.project}/regions/${region}`, region, project: scope.project, names: zonesOf(folder, 'gcp', region) }
  },
  'gcp:compute/getImage:getImage': (inputs) => {
    const path = `projects/${textAt(inputs, 'project') ?? 'debian-cloud'}/global/images/${textAt(inputs, 'name') ?? textAt(inputs, 'family') ?? 'debian-12'}`
    return { id: path, name: path.split('/').at(-1), family: textAt(inputs, 'family'), selfLink: `https://www.googleapis.com/compute/v1/${path}`, project: path.split('/')[1] }
  },
  'gcp:compute/getRegionInstanceGroupManager:getRegionInstanceGroupManager': found(
    'gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager',
    (inputs, scope) => `projects/${textAt(inputs, 'project') ?? scope.project}/regions/${regionIn(inputs, scope)}/instanceGroupManagers/${textAt(inputs, 'name') ?? ''}`,
  ),
  'azure-native:resources:getResourceGroup': found('azure-native:resources:ResourceGroup', (inputs) => azureId(inputs, '')),
  'azure-native:compute:getVirtualMachineScaleSet': found('azure-native:compute:VirtualMachineScaleSet', (inputs) =>
    azureId(inputs, `/providers/Microsoft.Compute/virtualMachineScaleSets/${textAt(inputs, 'vmScaleSetName') ?? ''}`),
  ),
  'azure-native:authorization:getClientConfig': () => ({ clientId: 'sandbox', objectId: 'sandbox', subscriptionId: '00000000-0000-0000-0000-000000000000', tenantId: 'sandbox' }),
}

function azureId(inputs: Inputs, rest: string): string {
  return `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/${textAt(inputs, 'resourceGroupName') ?? ''}${rest}`
}
