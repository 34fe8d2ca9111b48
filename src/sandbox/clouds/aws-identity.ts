import { textAt, type Inputs } from '../inputs.ts'
import { CloudError, type CallScope, type Identity } from './cloud-api.ts'

export const account = '000000000000'

export function regionOf(inputs: Inputs, scope: CallScope): string {
  const region = textAt(inputs, 'region') ?? scope.region
  if (region === undefined) throw new CloudError('MissingRegion', 'neither the resource nor the provider names a region (aws:region)')
  return region
}

export function identity(kind: string, region: string, id: string, within = ''): Identity {
  return { key: `aws/${region}/${kind}/${within === '' ? '' : `${within}/`}${id}`, id, region }
}
