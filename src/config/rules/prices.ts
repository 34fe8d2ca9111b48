import type { Catalogue, Settings } from '../schema.ts'
import { fault, type Finding, warning } from './finding.ts'

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

/** Prices of one's own are of types that the catalogue knows. */
export function ownPrices(settings: Settings, catalogue: Catalogue): readonly Finding[] {
  return settings.prices.flatMap(({ cloud, type }, at) => (catalogue.types.some((one) => one.cloud === cloud && one.type === type)
    ? []
    : [fault(['prices', at, 'type'], `${type} is not a type of ${cloud} in the catalogue`, [['prices', at, 'cloud']])]))
}
