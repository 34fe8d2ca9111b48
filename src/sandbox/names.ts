import type { LiveRecord, LiveTarget } from '../domain/observation.ts'
import { plainName, recordKey } from '../domain/traffic-record.ts'
import { CloudError } from './clouds/cloud-api.ts'
import { isRecord, listAt, numberAt, textAt, withValueAt, type Inputs } from './inputs.ts'
import type { CloudState, SandboxResource } from './state.ts'

/** A resource that answers for a name. */
export interface NameHolder {
  readonly record: LiveRecord
  /** What users ask for, lower case. */
  readonly name: string
  /** What is answered where no target has a weight. */
  readonly withoutWeights: 'all' | 'none'
}

const target = (endpoint: string | undefined, weight: number | undefined): LiveTarget => ({ endpoint: plainName(endpoint ?? ''), weight: weight ?? 0 })

function route53Record(inputs: Inputs): NameHolder {
  const [name, zone, region] = ['name', 'zoneId', 'setIdentifier'].map((path) => textAt(inputs, path) ?? '')
  return {
    name: plainName(name ?? ''),
    withoutWeights: 'all',
    record: {
      key: recordKey('route53', zone ?? '', name ?? '', region ?? ''),
      ttlSeconds: numberAt(inputs, 'ttl') ?? 0,
      targets: [target(textAt(inputs, 'records.0'), numberAt(inputs, 'weightedRoutingPolicies.0.weight'))],
    },
  }
}

function cloudDnsRecordSet(inputs: Inputs): NameHolder {
  const name = textAt(inputs, 'name') ?? ''
  return {
    name: plainName(name),
    withoutWeights: 'none',
    record: {
      key: recordKey('cloud-dns', textAt(inputs, 'managedZone') ?? '', name),
      ttlSeconds: numberAt(inputs, 'ttl') ?? 0,
      targets: listAt(inputs, 'routingPolicy.wrrs').map((item) => target(textAt(item, 'rrdatas.0'), numberAt(item, 'weight'))),
    },
  }
}

/** A profile, or an endpoint of it, that is disabled answers nobody. */
function trafficManagerProfile(inputs: Inputs): NameHolder {
  const name = textAt(inputs, 'dnsConfig.relativeName') ?? ''
  const isOn = textAt(inputs, 'profileStatus') !== 'Disabled'
  return {
    name: plainName(`${name}.trafficmanager.net`),
    withoutWeights: 'none',
    record: {
      key: recordKey('traffic-manager', name),
      ttlSeconds: numberAt(inputs, 'dnsConfig.ttl') ?? 0,
      targets: listAt(inputs, 'endpoints').map((item) => target(textAt(item, 'target'), isOn && textAt(item, 'endpointStatus') !== 'Disabled' ? numberAt(item, 'weight') : 0)),
    },
  }
}

const kinds: Readonly<Record<string, (inputs: Inputs) => NameHolder>> = {
  'aws:route53/record:Record': route53Record,
  'gcp:dns/recordSet:RecordSet': cloudDnsRecordSet,
  'azure-native:trafficmanager:Profile': trafficManagerProfile,
}

/** @returns resources that answer for a name */
export function holdersOf(state: CloudState, name: string): readonly SandboxResource[] {
  return Object.values(state.resources).filter(({ token, inputs }) => kinds[token]?.(inputs).name === plainName(name))
}

/**
 * Gives one answer of a name another weight.
 * @param weight  0 disables an endpoint of Traffic Manager
 * @throws CloudError `NotFound`
 */
export function setWeight(state: CloudState, name: string, endpoint: string, weight: number): void {
  for (const resource of holdersOf(state, name)) {
    const at = kinds[resource.token]?.(resource.inputs).record.targets.findIndex((one) => one.endpoint === plainName(endpoint)) ?? -1
    if (at < 0) continue
    resource.inputs = withWeight(resource.inputs, at, weight)
    resource.version += 1
    return
  }
  throw new CloudError('NotFound', `nothing answers ${name} with ${endpoint}`)
}

function withWeight(inputs: Inputs, at: number, weight: number): Inputs {
  const changed = (path: string, change: Inputs): Inputs => withValueAt(inputs, path, listAt(inputs, path).map((item, index) => (index === at && isRecord(item) ? { ...item, ...change } : item)))
  if ('weightedRoutingPolicies' in inputs) return changed('weightedRoutingPolicies', { weight })
  if ('routingPolicy' in inputs) return changed('routingPolicy.wrrs', { weight })
  return changed('endpoints', weight > 0 ? { weight, endpointStatus: 'Enabled' } : { endpointStatus: 'Disabled' })
}

/** All that answers for names, sorted by key. */
export function nameHolders(state: CloudState): readonly NameHolder[] {
  return Object.values(state.resources)
    .flatMap(({ token, inputs }) => kinds[token]?.(inputs) ?? [])
    .sort((a, b) => (a.record.key < b.record.key ? -1 : 1))
}
