import type { Catalogue } from '../schema.ts'
import { type Finding, warning } from './finding.ts'

/** Spot that costs more than on-demand is more often a slip than a price. */
export function spotPrices(catalogue: Catalogue): readonly Finding[] {
  return catalogue.types.flatMap((type, at) =>
    Object.entries(type.usdPerHour).flatMap(([region, price]) => {
      const { spot, 'on-demand': onDemand } = price
      if (spot === undefined || onDemand === undefined || spot <= onDemand) return []
      return [
        warning(['types', at, 'usdPerHour', region, 'spot'], `is ${spot}, above on-demand ${onDemand}`, [
          ['types', at, 'usdPerHour', region],
        ]),
      ]
    }),
  )
}
