import { regionName } from '../../domain/pool.ts'
import type { Catalogue, Settings } from '../schema.ts'
import { fault, type Finding, regionNames } from './finding.ts'

/** Commitments are to nodes that can be had: in a configured region, of a type of its cloud. */
export function commitments(settings: Settings, catalogue: Catalogue): readonly Finding[] {
  const regions = settings.regions.map(regionName)
  return settings.commitments.flatMap((commitment, at) => {
    const path = ['commitments', at]
    if (!regions.includes(regionName(commitment))) {
      return [fault([...path, 'region'], `${regionName(commitment)} is not a configured region, expected one of ${regions.join(', ')}`, [[...path, 'cloud'], ...regionNames(settings)])]
    }
    const isSold = catalogue.types.some(({ cloud, type }) => cloud === commitment.cloud && type === commitment.type)
    return isSold ? [] : [fault([...path, 'type'], `${commitment.type} is not a type of ${commitment.cloud} in the catalogue`, [[...path, 'cloud']])]
  })
}
