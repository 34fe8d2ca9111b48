import { z } from 'zod'
import { clouds, ownerships, purchaseOptions } from '../domain/pool.ts'

const secondsPer = { s: 1, m: 60, h: 3600, d: 86400 } as const

/** `90s`, `5m`, `48h`, `28d`: parsed to seconds. */
const duration = z
  .string()
  .regex(/^\d+(\.\d+)?[smhd]$/, 'expected a duration such as 90s, 5m, 48h or 28d')
  .transform((text) => Number(text.slice(0, -1)) * secondsPer[text.at(-1) as keyof typeof secondsPer])

const name = z.string().regex(/^[a-z][a-z0-9-]{0,38}$/, 'expected lower-case letters, digits and hyphens, starting with a letter, at most 39')
const share = z.number().gt(0).max(1)
const count = z.int().min(0)
const regionRef = z.string().regex(/^(aws|gcp|azure)\/[a-z0-9-]+$/, 'expected cloud/region, such as aws/us-east-1')

const cronWindow = z.strictObject({
  cron: z.string().describe('When the window opens: five cron fields.'),
  timeZone: z.string().default('UTC').describe('IANA time zone of the cron fields.'),
  lasts: duration.describe('How long the window stays open.'),
  reason: z.string().min(1).describe('Shown wherever the window has an effect.'),
})

const demand = z.strictObject({
  measurement: z.string().min(1).describe('InfluxDB measurement (or line-protocol measurement, or CSV series family).'),
  field: z.string().min(1).default('count').describe('Field that holds the value.'),
  kind: z.enum(['count', 'gauge', 'counter']).describe('count: events per sample, summed. gauge: a level, averaged. counter: ever-growing, increases summed.'),
  tags: z.record(z.string(), z.string()).default({}).describe('Tag values that samples must carry; `workload` is added by itself.'),
  userZoneTag: z.string().default('user_zone').describe('Tag that names the user zone a sample belongs to.'),
  scale: z.number().gt(0).default(1).describe('Multiplies every value.'),
  flux: z.string().optional().describe('Flux of your own instead of the query built from the fields above; must yield _time, _value and the user-zone column. `{{from}}`, `{{to}}` and `{{every}}` are filled in.'),
})

const launch = z.strictObject({
  template: z.string().optional().describe('An existing launch template (AWS) or instance template (GCP).'),
  image: z.string().optional().describe('AMI, GCP image or Azure image reference.'),
  subnets: z.array(z.string()).default([]).describe('Existing subnets.'),
  securityGroups: z.array(z.string()).default([]).describe('Existing security groups.'),
  identity: z.string().optional().describe('Instance profile, service account or managed identity of the nodes.'),
  resourceGroup: z.string().optional().describe('Azure resource group.'),
})

const workload = z.strictObject({
  name: name.describe('Name, unique in the file.'),
  unit: z.string().min(1).describe('Unit of demand, for example requests/s.'),
  demand: demand.describe('Where its demand is measured.'),
  userZones: z.array(name).min(1).describe('User zones that its demand comes from.'),
  latencyLimitMs: z.number().gt(0).optional().describe('Longest round trip from a user zone to a region that serves it.'),
  regions: z
    .strictObject({
      allow: z.array(regionRef).optional().describe('Only these; all configured regions if left out.'),
      deny: z.array(regionRef).default([]).describe('Never these.'),
      prefer: z.array(regionRef).default([]).describe('These first, where the cost is within preferencePercent.'),
    })
    .prefault({}),
  preferencePercent: z.number().min(0).max(100).default(2).describe('How much dearer a preferred region may be and still be taken.'),
  serves: z
    .union([
      z.strictObject({ perNode: z.record(z.string(), z.number().gt(0)).describe('Units one node of each type serves at full use.') }),
      z.strictObject({
        perUnit: z
          .strictObject({
            vcpu: z.number().gt(0).describe('vCPUs that one unit of demand keeps busy.'),
            memoryGib: z.number().min(0).default(0).describe('Memory that one unit of demand occupies, GiB.'),
            networkMbps: z.number().min(0).default(0).describe('Network traffic that one unit of demand causes, Mbit/s.'),
          })
          .describe('Resources one unit of demand uses; a node serves what its scarcest resource allows.'),
      }),
      z.strictObject({ learn: z.strictObject({ from: z.literal('cpu'), initialVcpuPerUnit: z.number().gt(0).describe('Used until enough was measured.') }).describe('Learned from measured CPU use against demand.') }),
    ])
    .describe('What one node of each type can serve, or how that is learned.'),
  types: z.array(z.string()).min(1).optional().describe('Instance types that may be used; all of the catalogue if left out.'),
  options: z.array(z.enum(purchaseOptions)).min(1).default(['on-demand', 'spot']).describe('Purchase options that may be used.'),
  spotShare: z.number().min(0).max(1).default(0.6).describe('Largest share of a region’s capacity that may be spot.'),
  nodes: z
    .strictObject({
      min: count.default(0).describe('Fewest nodes in all regions together.'),
      max: count.default(1000).describe('Most nodes in all regions together.'),
      minPerRegion: count.default(0).describe('Fewest nodes in each allowed region.'),
      maxPerRegion: count.default(1000).describe('Most nodes in each region.'),
    })
    .prefault({}),
  leadTime: duration.default(300).describe('From order to serving, until measured.'),
  owns: z.enum(ownerships).default('count').describe('What prescale owns of its pools.'),
  freezes: z.array(cronWindow).default([]).describe('Periods in which counts stay as they are; raises happen before.'),
  maintenance: z
    .array(cronWindow.extend({ regions: z.array(regionRef).min(1).describe('Regions that carry no load in the window.') }))
    .default([])
    .describe('Planned outages: load is carried elsewhere.'),
})

const region = z.strictObject({
  cloud: z.enum(clouds),
  region: z.string().regex(/^[a-z0-9-]+$/),
  zones: z.array(z.string()).min(1).describe('Zones to spread nodes over.'),
  quotaVcpu: z
    .strictObject({
      'on-demand': count.default(100000),
      spot: count.default(100000),
    })
    .prefault({})
    .describe('vCPU quota per purchase option.'),
  launch: launch.prefault({}).describe('How nodes are launched here.'),
})

const history = z.discriminatedUnion('source', [
  z.strictObject({
    source: z.literal('influx2'),
    url: z.string().describe('Address of InfluxDB 2.'),
    org: z.string(),
    bucket: z.string(),
    tokenEnv: z.string().default('INFLUX_TOKEN').describe('Environment variable that holds the token.'),
    timeout: duration.default(60),
  }),
  z.strictObject({ source: z.literal('csv'), paths: z.array(z.string()).min(1).describe('Files or globs, .gz or not.'), timeZone: z.string().default('UTC').describe('Of times without an offset.') }),
  z.strictObject({ source: z.literal('line-protocol'), paths: z.array(z.string()).min(1).describe('Files or globs, .gz or not.') }),
])

/** One schema: type, defaults, checks, JSON Schema and reference page. */
export const settingsSchema = z.strictObject({
  name: name.describe('Project and stack prefix: stacks are called <name>.<cloud>-<region>.'),
  catalogue: z.string().default('catalogue.yaml').describe('File of instance types and prices.'),
  history: history.describe('Where demand is read from.'),
  historyLimits: z
    .strictObject({
      step: duration.default(300).describe('Grid of the history.'),
      window: duration.default(28 * 86400).describe('How far back it is read.'),
      maxAge: duration.default(900).describe('Older than this, counts are held.'),
      minCoverage: share.default(0.9).describe('Share of steps with a value below which counts are held.'),
    })
    .prefault({}),
  forecast: z
    .strictObject({
      step: duration.default(3600).describe('Grid of forecast and plan.'),
      horizon: duration.default(48 * 3600).describe('How far ahead.'),
      quantiles: z.array(z.number().gt(0).lt(1)).min(3).default([0.1, 0.5, 0.9, 0.95, 0.99]),
      seed: z.int().default(1).describe('Seed of everything random in training.'),
    })
    .prefault({}),
  plan: z
    .strictObject({
      quantile: z.number().gt(0).lt(1).default(0.95).describe('Quantile of demand that capacity is planned for.'),
      utilisation: z
        .strictObject({
          normal: share.default(0.7).describe('Share of a node’s throughput planned while all is well.'),
          failure: share.default(0.95).describe('The same after the loss of a zone or region.'),
        })
        .prefault({}),
      survive: z
        .strictObject({
          zone: z.boolean().default(true).describe('Demand is carried after the loss of any one zone.'),
          region: z.boolean().default(false).describe('Demand is carried after the loss of any one region.'),
        })
        .prefault({}),
      usdPerUnitMs: z.number().min(0).default(1e-7).describe('Price put on one unit of demand travelling one millisecond for one hour.'),
      startCostHours: z.number().min(0).default(0.1).describe('Cost of starting a node, in hours of its price.'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      usdPerHour: z.number().gt(0).optional().describe('Budget of all pools together.'),
      largestStep: z
        .strictObject({ nodes: count.default(200), share: z.number().gt(0).default(3).describe('Of a pool’s live count; 1 means at most doubled.') })
        .prefault({})
        .describe('Largest change of one pool in one cycle.'),
      floorShare: z.number().min(0).max(1).default(0.5).describe('Capacity of a workload never drops below this share of what is live in one cycle.'),
    })
    .prefault({}),
  expiry: duration.default(3 * 3600).describe('How long a plan may be applied.'),
  approval: z.enum(['none', 'always']).default('none').describe('Whether apply asks for the plan’s id.'),
  protect: z.boolean().default(true).describe('Groups are protected from deletion.'),
  tags: z.record(z.string(), z.string()).default({}).describe('Tags of every resource.'),
  userZones: z
    .array(
      z.strictObject({
        name,
        latitude: z.number().min(-90).max(90),
        longitude: z.number().min(-180).max(180),
        latencyMs: z.record(regionRef, z.number().min(0)).default({}).describe('Measured round trips; the rest is estimated from distance.'),
      }),
    )
    .min(1)
    .describe('Where demand comes from.'),
  regions: z.array(region).min(1).describe('Regions that may be used.'),
  workloads: z.array(workload).min(1).describe('What is scaled.'),
  sandbox: z
    .strictObject({
      directory: z.string().default('.prescale/sandbox').describe('Where the simulated clouds keep their state.'),
      scenario: z.string().describe('File that says which recorded demand is served.'),
    })
    .optional()
    .describe('Simulated clouds instead of real ones.'),
})

/** prescale.yaml, parsed: durations in seconds, instants in Unix seconds, defaults filled in. */
export type Settings = z.output<typeof settingsSchema>
/** prescale.yaml as it is written. */
export type SettingsInput = z.input<typeof settingsSchema>
export type WorkloadSettings = Settings['workloads'][number]
export type RegionSettings = Settings['regions'][number]

/** One schema of the catalogue file. */
export const catalogueSchema = z.strictObject({
  source: z.string().min(1).describe('Where the figures come from.'),
  date: z.iso.date().describe('Day of the figures.'),
  licence: z.string().min(1),
  types: z
    .array(
      z.strictObject({
        cloud: z.enum(clouds),
        type: z.string(),
        vcpu: z.number().gt(0),
        memoryGib: z.number().gt(0),
        networkMbps: z.number().gt(0).optional().describe('Left out when unknown.'),
        usdPerHour: z
          .record(z.string(), z.strictObject({ 'on-demand': z.number().gt(0).optional(), spot: z.number().gt(0).optional() }))
          .describe('Price per region and purchase option; what is left out cannot be bought.'),
        maxNodes: count.default(1000).describe('Most nodes of this type in one region.'),
      }),
    )
    .min(1),
  regions: z
    .array(z.strictObject({ cloud: z.enum(clouds), region: z.string(), latitude: z.number(), longitude: z.number() }))
    .describe('Where regions are.'),
})
export type Catalogue = z.output<typeof catalogueSchema>

