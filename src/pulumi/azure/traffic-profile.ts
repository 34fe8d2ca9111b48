import { Profile, type ProfileArgs } from '@pulumi/azure-native/trafficmanager/index.js'
import type { TrafficManagerProfile } from '../../domain/desired-state.ts'
import { plainName, recordKey } from '../../domain/traffic-record.ts'
import { listAt, type LiveRecordOf, numberAt, valueAt } from '../found-resource.ts'

/** The engine's type. */
export const profileToken = 'azure-native:trafficmanager:Profile'

/** A profile that answers with one endpoint at a time. Weights are 1 to 1000 there: a region without a share is disabled, and keeps the least weight. */
export function profileInputs(profile: TrafficManagerProfile): ProfileArgs {
  const { protocol, port, path } = profile.monitor
  return {
    resourceGroupName: profile.resourceGroup,
    profileName: profile.name,
    location: 'global',
    profileStatus: 'Enabled',
    trafficRoutingMethod: 'Weighted',
    dnsConfig: { relativeName: profile.name, ttl: profile.ttlSeconds },
    monitorConfig: { protocol, port, ...(path !== undefined && { path }) },
    endpoints: profile.targets.map(({ region, endpoint, weight }) => ({
      name: region.replace('/', '-'),
      type: 'Microsoft.Network/trafficManagerProfiles/externalEndpoints',
      target: endpoint,
      weight: Math.max(1, weight),
      endpointStatus: weight > 0 ? 'Enabled' : 'Disabled',
    })),
  }
}

/** Declares the weights of all regions at once. */
export function declareProfile(profile: TrafficManagerProfile): void {
  new Profile(`${profile.workload}-${profile.userZone}-traffic`, profileInputs(profile))
}

/** The profile as Traffic Manager holds it: what is disabled answers nobody. */
export const liveProfileOf: LiveRecordOf = (properties) => ({
  key: recordKey('traffic-manager', String(valueAt(properties, 'dnsConfig.relativeName'))),
  ttlSeconds: numberAt(properties, 'dnsConfig.ttl'),
  targets: listAt(properties, 'endpoints').map((endpoint) => ({
    endpoint: plainName(String(valueAt(endpoint, 'target'))),
    weight: properties['profileStatus'] !== 'Disabled' && valueAt(endpoint, 'endpointStatus') !== 'Disabled' ? numberAt(endpoint, 'weight') : 0,
  })),
})
