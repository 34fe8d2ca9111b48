import { listAt, numberAt, textAt, type Inputs } from '../inputs.ts'
import { keyOf, resourceGroupOf } from './azure-rules.ts'
import { CloudError, type InputRule, type ResourceKind } from './cloud-api.ts'
import { integerRule } from './rules.ts'

function endpointRules(inputs: Inputs): InputRule[] {
  return listAt(inputs, 'endpoints').flatMap((endpoint, index): InputRule[] => {
    const weight = numberAt(endpoint, 'weight')
    const fits = weight === undefined || (Number.isInteger(weight) && weight >= 1 && weight <= 1000)
    return fits ? [] : [{ path: `endpoints[${index}].weight`, message: `is ${weight}, expected a whole number from 1 to 1000` }]
  })
}

/** A profile of Traffic Manager with its endpoints. Its DNS name is one of all Azure. */
export const trafficProfile: ResourceKind = {
  nameInput: 'profileName',
  replaceOn: ['resourceGroupName', 'profileName'],
  rules: (inputs) => [...integerRule(inputs, 'dnsConfig.ttl', 0, 2 ** 31 - 1), ...endpointRules(inputs)],
  identify(inputs, _scope, state) {
    const holder = resourceGroupOf(state, inputs)
    const id = `${holder.id}/providers/Microsoft.Network/trafficManagerProfiles/${textAt(inputs, 'profileName') ?? ''}`
    return { key: keyOf(id), id, region: 'global' }
  },
  put(state, _world, resource) {
    const name = textAt(resource.inputs, 'dnsConfig.relativeName')?.toLowerCase()
    const rival = Object.values(state.resources).find(
      (other) => other.token === resource.token && other.key !== resource.key && textAt(other.inputs, 'dnsConfig.relativeName')?.toLowerCase() === name,
    )
    if (rival !== undefined) throw new CloudError('Conflict', `Domain name ${name ?? ''}.trafficmanager.net already exists. Please choose a different DNS prefix.`)
  },
  outputs: (_state, resource) => ({ name: textAt(resource.inputs, 'profileName'), type: 'Microsoft.Network/trafficManagerProfiles', azureApiVersion: '2022-04-01' }),
}
