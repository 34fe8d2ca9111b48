import type { IdOf } from '../id-in-cloud.ts'

type Inputs = Parameters<IdOf>[1]

const kinds: Readonly<Record<string, (inputs: Inputs) => string>> = {
  'azure-native:compute:VirtualMachineScaleSet': (inputs) => `Microsoft.Compute/virtualMachineScaleSets/${String(inputs['vmScaleSetName'])}`,
  'azure-native:monitor:AutoscaleSetting': (inputs) => `Microsoft.Insights/autoscalesettings/${String(inputs['autoscaleSettingName'])}`,
  'azure-native:containerservice:AgentPool': (inputs) =>
    `Microsoft.ContainerService/managedClusters/${String(inputs['resourceName'])}/agentPools/${String(inputs['agentPoolName'])}`,
}

/** `/subscriptions/<id>/resourceGroups/<group>/providers/…/<name>`; the subscription is that of the stack's other resources. */
export const idOf: IdOf = (type, inputs, knownIds) => {
  const subscription = knownIds.map((id) => /^\/subscriptions\/[^/]+/.exec(id)?.[0]).find((prefix) => prefix !== undefined)
  const path = kinds[type]?.(inputs)
  return subscription === undefined || path === undefined ? undefined : `${subscription}/resourceGroups/${String(inputs['resourceGroupName'])}/providers/${path}`
}

/** The stack setting that tells the provider where to look for what names no region: an import, or a resource of the user's. */
export const regionSetting = 'azure-native:location'
