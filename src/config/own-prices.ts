import type { Catalogue, Settings } from './schema.ts'

/** @returns the catalogue with the settings' own prices in place of its own; types and regions that it does not know stay unknown */
export function withOwnPrices(catalogue: Catalogue, prices: Settings['prices']): Catalogue {
  if (prices.length === 0) return catalogue
  return {
    ...catalogue,
    types: catalogue.types.map((type) => prices
      .filter((price) => price.cloud === type.cloud && price.type === type.type)
      .reduce((own, { region, 'on-demand': onDemand, spot }) => ({
        ...own,
        usdPerHour: {
          ...own.usdPerHour,
          [region]: { ...own.usdPerHour[region], ...(onDemand === undefined ? {} : { 'on-demand': onDemand }), ...(spot === undefined ? {} : { spot }) },
        },
      }), type)),
  }
}
