import { isRecord, listAt, numberAt, textAt, textsAt, type Inputs } from '../inputs.ts'
import type { InputRule, ResourceKind } from './cloud-api.ts'
import { integerRule } from './rules.ts'

function weightRules(inputs: Inputs): InputRule[] {
  return listAt(inputs, 'routingPolicy.wrrs').flatMap((item, index): InputRule[] => {
    const path = `routingPolicy.wrrs[${index}]`
    const weight = numberAt(item, 'weight')
    const isAlone = textAt(inputs, 'type') !== 'CNAME' || textsAt(item, 'rrdatas').length <= 1
    return [
      ...(weight !== undefined && weight < 0 ? [{ path: `${path}.weight`, message: `is ${weight}, below 0` }] : []),
      ...(isAlone ? [] : [{ path: `${path}.rrdatas`, message: 'a CNAME has one answer' }]),
      ...textsAt(item, 'rrdatas').filter((answer) => textAt(inputs, 'type') === 'CNAME' && !answer.endsWith('.')).map((answer) => ({ path: `${path}.rrdatas`, message: `'${answer}' must end in a dot` })),
    ]
  })
}

/** A record set of Cloud DNS. The managed zone is taken to be there. */
export const recordSet: ResourceKind = {
  nameInput: 'name',
  replaceOn: ['managedZone', 'name', 'type', 'project'],
  rules(inputs) {
    const name = textAt(inputs, 'name')
    const answers = [inputs['rrdatas'], inputs['routingPolicy']].filter((value) => value !== undefined)
    return [
      ...(name === undefined || name.endsWith('.') ? [] : [{ path: 'name', message: `'${name}' must end in a dot` }]),
      ...(answers.length === 1 ? [] : [{ path: 'rrdatas', message: 'exactly one of rrdatas and routingPolicy is needed' }]),
      ...integerRule(inputs, 'ttl', 0, 2 ** 31 - 1),
      ...(isRecord(inputs['routingPolicy']) ? weightRules(inputs) : []),
    ]
  },
  identify(inputs, scope) {
    const id = `projects/${textAt(inputs, 'project') ?? scope.project}/managedZones/${textAt(inputs, 'managedZone') ?? ''}/rrsets/${textAt(inputs, 'name') ?? ''}/${textAt(inputs, 'type') ?? ''}`
    return { key: `gcp/${id}`, id, region: 'global' }
  },
  outputs: (_state, resource) => ({ project: resource.id.split('/')[1] }),
}
