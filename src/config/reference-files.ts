import { jsonSchemaText } from './json-schema.ts'
import { referencePage } from './reference-page.ts'
import { catalogueSchema, settingsSchema } from './schema.ts'
import { shapeOf } from './schema-tree.ts'

/** Smallest settings that work, as the reference page shows them. */
export const smallestSettings = `name: shop
history: { source: influx2, url: http://localhost:8086, org: platform, bucket: telegraf }
userZones:
  - { name: us-east, latitude: 40.7, longitude: -74.0 }
regions:
  - { cloud: aws, region: us-east-1, zones: [us-east-1a, us-east-1b, us-east-1c] }
workloads:
  - name: web
    unit: requests/s
    demand: { measurement: http_requests, kind: count }
    userZones: [us-east]
    serves: { perUnit: { vcpu: 0.02 } }
`

/** Smallest catalogue that works, as the reference page shows it. */
export const smallestCatalogue = `source: price list of the clouds
date: 2026-01-31
licence: internal
types:
  - cloud: aws
    type: m7g.large
    vcpu: 2
    memoryGib: 8
    usdPerHour:
      us-east-1: { on-demand: 0.0816, spot: 0.0317 }
regions:
  - { cloud: aws, region: us-east-1, latitude: 38.9, longitude: -77.4 }
`

/** @returns every generated file of docs/reference that comes from the schemas: text by name */
export function referenceFiles(): Readonly<Record<string, string>> {
  return {
    'prescale.schema.json': jsonSchemaText(settingsSchema, 'prescale.yaml'),
    'prescale.yaml.md': referencePage(shapeOf(settingsSchema), {
      title: 'prescale.yaml',
      introduction: [
        'Settings of a project: where demand is measured, where it may be served, and within which limits. Every key that prescale ' +
          'knows is here; an unknown key is a fault. This page is generated from the schema that checks the file.',
        'An editor with YAML support completes and checks the file while you type when its first line names the schema:',
        yamlBlock('# yaml-language-server: $schema=docs/reference/prescale.schema.json\n'),
        'A small file that works, with everything else left at its default:',
        yamlBlock(smallestSettings),
        'Durations are a number and a unit: `90s`, `5m`, `48h`, `28d`. Shares and quantiles go from 0 to 1. Anchors and merge keys ' +
          '(`&name`, `*name`, `<<: *name`) work. Secrets never stand in the file: keys such as `tokenEnv` name the environment variable ' +
          'that holds one.',
      ],
    }),
    'catalogue.schema.json': jsonSchemaText(catalogueSchema, 'catalogue.yaml'),
    'catalogue.yaml.md': referencePage(shapeOf(catalogueSchema), {
      title: 'catalogue.yaml',
      introduction: [
        'Instance types that can be bought, their prices, and where regions are, with the source and the day of the figures. ' +
          '`catalogue` in [prescale.yaml](prescale.yaml.md) names the file. This page is generated from the schema that checks the file.',
        'A type without a price in a region is not used there. Put in the prices that you pay, discounts included.',
        yamlBlock(smallestCatalogue),
      ],
    }),
  }
}

function yamlBlock(text: string): string {
  return `\`\`\`yaml\n${text}\`\`\``
}
