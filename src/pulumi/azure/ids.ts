import type { IdOf } from '../id-in-cloud.ts'

const kinds: Readonly<Record<string, { readonly path: string; readonly nameInput: string }>> = {
  'azure-native:compute:VirtualMachineScaleSet': { path: 'Microsoft.Compute/virtualMachineScaleSets', nameInput: 'vmScaleSetName' },
  'azure-native:monitor:AutoscaleSetting': { path: 'Microsoft.Insights/autoscalesettings', nameInput: 'autoscaleSettingName' },
}

/** `/subscriptions/<id>/resourceGroups/<group>/providers/…/<name>`; the subscription is that of the stack's other resources. */
export const idOf: IdOf = (type, inputs, knownIds) => {
  const subscription = knownIds.map((id) => /^\/subscriptions\/[^/]+/.exec(id)?.[0]).find((prefix) => prefix !== undefined)
  const kind = kinds[type]
  if (subscription === undefined || kind === undefined) return undefined
  return `${subscription}/resourceGroups/${String(inputs['resourceGroupName'])}/providers/${kind.path}/${String(inputs[kind.nameInput])}`
}

/** The stack setting that tells the provider where to look for what names no region: an import, or a resource of the user's. */
export const regionSetting = 'azure-native:location'
