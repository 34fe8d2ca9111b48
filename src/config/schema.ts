import { z } from 'zod'
import { clouds, ownerships, purchaseOptions } from '../domain/pool.ts'
import {
  count,
  cronFields,
  day,
  duration,
  environmentVariable,
  fullShare,
  name,
  quantile,
  regionId,
  regionRef,
  share,
  text,
  timeZone,
} from './kinds.ts'
import { driftSchema, movesSchema, trafficSchema } from './moves-schema.ts'

const cronWindow = z.strictObject({
  cron: cronFields.describe('When the window opens: minute, hour, day of month, month, day of week.').meta({ examples: ['0 2 * * 0'] }),
  timeZone: timeZone.default('UTC').describe('Time zone of the cron fields; daylight saving is followed.'),
  lasts: duration.describe('How long the window stays open.').meta({ examples: ['2h'] }),
  reason: text.describe('Shown wherever the window has an effect.').meta({ examples: ['database upgrade'] }),
})

const demand = z.strictObject({
  measurement: text
    .describe('Measurement that holds the samples (in CSV: the column or file of that name).')
    .meta({ examples: ['http_requests'] }),
  field: text.default('count').describe('Field that holds the value.'),
  kind: z
    .enum(['count', 'gauge', 'counter', 'executions'])
    .describe(
      '`count`: events per sample, summed and divided by the step. `gauge`: a level, averaged. `counter`: ever-growing, increases ' +
        'summed and divided by the step. `executions`: one sample per run of a program, at its start; demand is what all that run at a time take.',
    ),
  executions: z
    .strictObject({
      duration: text.default('duration').describe('Field (in CSV: column) that holds how long an execution took, seconds; empty or missing while it runs.'),
      takes: text
        .optional()
        .describe('Field (in CSV: column) that holds how much of the unit one execution takes while it runs; 1 each if left out.')
        .meta({ examples: ['vcpu'] }),
      uses: z
        .strictObject({
          cpu: text.optional().describe('Field of vCPU.').meta({ examples: ['vcpu'] }),
          memory: text.optional().describe('Field of GiB.').meta({ examples: ['gib'] }),
          network: text.optional().describe('Field of Mbit/s, both directions.').meta({ examples: ['mbit'] }),
          disk: text.optional().describe('Field of MB/s, read and written.').meta({ examples: ['mbytes'] }),
        })
        .default({})
        .describe('Fields (in CSV: columns) that hold what one execution uses of further resources while it runs; each is forecast beside demand, and nothing is planned from it.'),
      paths: z
        .array(text)
        .min(1)
        .optional()
        .describe('CSV files or globs with the columns workload, userZone, start and those above; the history source if left out.')
        .meta({ examples: [['runs/*.csv']] }),
    })
    .prefault({})
    .describe('Where executions are told, with `kind: executions`.'),
  tags: z
    .record(text, text)
    .default({})
    .describe('Tag values that samples must carry; `workload: <name>` is added by itself.')
    .meta({ examples: [{ environment: 'production' }] }),
  userZoneTag: text.default('user_zone').describe('Tag that names the user zone a sample belongs to.'),
  scale: z.number().gt(0).default(1).describe('Multiplies every value, for example 60 to turn events per second into events per minute.'),
  flux: text
    .optional()
    .describe(
      'Flux of your own instead of the query built from the keys above (InfluxDB only). It must yield `_time`, `_value` and the ' +
        'user-zone column; `{{from}}`, `{{to}}` and `{{every}}` are filled in.',
    ),
})

const from = text.describe('File, relative to this one, or http(s) address.').meta({ examples: ['calendars/sales.ics'] })
const feedToken = environmentVariable.optional().describe('Environment variable that holds a bearer token for the address; none is sent if left out.')
const zonesInScope = z
  .array(name)
  .min(1)
  .optional()
  .describe('Only demand of these user zones; of all if left out.')
  .meta({ examples: [['us-east']] })
const workloadsInScope = z
  .array(name)
  .min(1)
  .optional()
  .describe('Only demand of these workloads; of all if left out.')
  .meta({ examples: [['web']] })

const eventFeed = z.strictObject({
  name: name.describe('Name of the feed, unique among those of the file.').meta({ examples: ['sales'] }),
  format: z
    .enum(['ical', 'csv', 'json'])
    .describe(
      '`ical`: a calendar (RFC 5545), recurring and all-day events included. `csv`: columns name, start, end and, if there, magnitude, workload, ' +
        'userZone. `json`: a list of objects with these keys, or an object with such a list as `events`.',
    ),
  from,
  tokenEnv: feedToken,
  timeZone: timeZone.default('UTC').describe('Time zone of all-day events and of times that carry none.'),
  event: text
    .optional()
    .describe('Name of the event that all entries are; each entry’s own name if left out. Entries of one name share an effect.')
    .meta({ examples: ['weekly sale'] }),
  leadIn: duration.prefault('2h').describe('How long before its start an event may change demand.'),
  after: duration.prefault('2h').describe('How long after its end an event may change demand.'),
  userZones: zonesInScope,
})

const regressorFile = {
  name: name.describe('Name of the number, unique among those of the file.').meta({ examples: ['temperature'] }),
  from: from.meta({ examples: ['weather.csv'] }),
  tokenEnv: feedToken,
  timeZone: timeZone.default('UTC').describe('Time zone of times that carry no offset.'),
  userZones: zonesInScope,
}
const regressorKinds = [
  z.strictObject({ source: z.literal('csv').describe('CSV with the columns timestamp and value.'), ...regressorFile }),
  z.strictObject({ source: z.literal('json').describe('JSON: a list of objects with timestamp and value.'), ...regressorFile }),
  z.strictObject({
    source: z.literal('history').describe('A series of the InfluxDB, or of the line-protocol files, that `history` names; future values included.'),
    name: regressorFile.name,
    measurement: text.describe('Measurement that holds the number.').meta({ examples: ['weather'] }),
    field: text.default('value').describe('Field that holds the number.'),
    tags: z
      .record(text, text)
      .default({})
      .describe('Tag values that samples must carry.')
      .meta({ examples: [{ city: 'new-york' }] }),
    userZones: zonesInScope,
  }),
] as const

const launch = z.strictObject({
  template: text
    .optional()
    .describe(
      'An existing launch template (AWS: id or name, `web:7` for version 7) or instance template (GCP: its link) instead of image, ' +
        'securityGroups and identity.',
    )
    .meta({ examples: ['lt-0123456789abcdef0'] }),
  image: text
    .optional()
    .describe(
      'Image that nodes start from: AMI (AWS), image link (GCP), resource id or publisher:offer:sku:version (Azure). A current Linux ' +
        'if left out.',
    )
    .meta({ examples: ['ami-0123456789abcdef0'] }),
  subnets: z
    .array(text)
    .default([])
    .describe('Existing subnets: on AWS one per zone, on GCP and Azure one; the default network if left out.')
    .meta({ examples: [['subnet-0aa1', 'subnet-0bb2']] }),
  securityGroups: z
    .array(text)
    .default([])
    .describe('Existing security groups (AWS), network tags (GCP) or network security groups (Azure).')
    .meta({ examples: [['sg-0cc3']] }),
  identity: text.optional().describe('Instance profile (AWS), service account (GCP) or managed identity (Azure) of the nodes.'),
  resourceGroup: text.optional().describe('Existing resource group that holds the scale sets (Azure, where it is required).'),
})

const nodeThroughput = z.strictObject({
  perNode: z
    .record(text, z.number().gt(0))
    .describe('Units of demand that one node of each type serves at full use; only types named here are used.')
    .meta({ examples: [{ 'm7g.large': 900, 'm7g.xlarge': 1800 }] }),
})
const unitResources = z.strictObject({
  perUnit: z
    .strictObject({
      vcpu: z
        .number()
        .gt(0)
        .describe('vCPUs that one unit of demand keeps busy.')
        .meta({ examples: [0.002] }),
      memoryGib: z.number().min(0).default(0).describe('Memory that one unit of demand occupies, GiB.'),
      networkMbps: z.number().min(0).default(0).describe('Network traffic that one unit of demand causes, Mbit/s.'),
      diskMbps: z.number().min(0).default(0).describe('Disk traffic that one unit of demand causes, Mbit/s.'),
    })
    .describe('Resources that one unit of demand uses; a node serves what its scarcest resource allows.'),
})
const learnedThroughput = z.strictObject({
  learn: z
    .strictObject({
      from: z.literal('cpu').describe('What is compared with demand: CPU use of the nodes, as telegraf’s `cpu` reports it to the history source.'),
      initialVcpuPerUnit: z
        .number()
        .gt(0)
        .describe('vCPUs per unit of demand, used until enough was measured, and where the history source holds no CPU use.')
        .meta({ examples: [0.002] }),
    })
    .describe(
      'Learned from the last week’s CPU use against demand, once a cycle: by a factor of two at most, not for less than 5 %, and never ' +
        'downwards while nodes are missing from the reports.',
    ),
})

const workload = z.strictObject({
  name: name.describe('Name, unique in the file.').meta({ examples: ['web'] }),
  unit: text.describe('Unit of its demand, shown wherever demand is.').meta({ examples: ['requests/s'] }),
  demand: demand.describe('Where its demand is measured.'),
  userZones: z
    .array(name)
    .min(1)
    .describe('User zones that its demand comes from, by name.')
    .meta({ examples: [['us-east', 'eu-west']] }),
  latencyLimitMs: z
    .number()
    .gt(0)
    .optional()
    .describe('Longest round trip, in ms, from a user zone to a region that serves it; no limit if left out.')
    .meta({ examples: [90] }),
  regions: z
    .strictObject({
      allow: z
        .array(regionRef)
        .min(1)
        .optional()
        .describe('Only these; all configured regions if left out.')
        .meta({ examples: [['aws/eu-west-1']] }),
      deny: z
        .array(regionRef)
        .default([])
        .describe('Never these, for example for residency.')
        .meta({ examples: [['aws/us-east-1']] }),
      prefer: z
        .array(regionRef)
        .default([])
        .describe('These first, where the cost is within `preferencePercent`.')
        .meta({ examples: [['gcp/europe-west1']] }),
    })
    .prefault({})
    .describe('Which of the configured regions may serve it.'),
  preferencePercent: z
    .number()
    .min(0)
    .max(100)
    .default(2)
    .describe('How much dearer, in percent, a preferred region may be and still be taken.'),
  serves: z
    .union([nodeThroughput, unitResources, learnedThroughput])
    .describe('What one node of each type can serve, or how that is learned: one of the three forms below.'),
  types: z
    .array(text)
    .min(1)
    .optional()
    .describe('Instance types that may be used; all of the catalogue if left out.')
    .meta({ examples: [['m7g.large', 'm7g.xlarge']] }),
  options: z.array(z.enum(purchaseOptions)).min(1).default(['on-demand', 'spot']).describe('Purchase options that may be used.'),
  spotShare: fullShare.default(0.6).describe('Largest share of a region’s capacity that may be spot.'),
  spotPoolShare: fullShare
    .default(1)
    .describe('Largest share of a region’s capacity in one spot pool, that is of one type: no single pool that is taken back takes more.'),
  nodes: z
    .strictObject({
      min: count.default(0).describe('Fewest nodes in all regions together.'),
      max: count.default(1000).describe('Most nodes in all regions together.'),
      minPerRegion: count.default(0).describe('Fewest nodes in each allowed region.'),
      maxPerRegion: count.default(1000).describe('Most nodes in each region.'),
      maxLowered: count.min(1).optional().describe('Most nodes that one pool gives back from one step of the plan to the next; no limit if left out.'),
    })
    .prefault({})
    .describe('Bounds of its node counts.'),
  minRun: duration
    .optional()
    .describe('How long a started node serves at least, rounded up to steps of the plan; no limit if left out.')
    .meta({ examples: ['2h'] }),
  usdPerUnitMoved: z
    .number()
    .min(0)
    .default(0)
    .describe('Price of moving one unit of demand from one region to another: caches that are filled, data that is copied.'),
  gbPerUnitHour: z.number().min(0).default(0).describe('Data that one unit of demand sends to its users in one hour, GB.'),
  leadTime: duration.prefault('5m').describe('From the order of a node until it serves, as a high quantile: few nodes take longer.'),
  traffic: trafficSchema,
  owns: z
    .enum(ownerships)
    .default('count')
    .describe(
      'What prescale owns of its pools. `count`: the number of nodes. `bounds`: least and most, the cloud’s autoscaler moves the ' +
        'count between. `schedule`: only the scheduled changes.',
    ),
  freezes: z
    .array(cronWindow)
    .default([])
    .describe('Periods in which counts stay as they are; what the period will need is raised before it.'),
  maintenance: z
    .array(
      cronWindow.extend({
        regions: z
          .array(regionRef)
          .min(1)
          .describe('Regions that carry no load in the window.')
          .meta({ examples: [['azure/eastus']] }),
      }),
    )
    .default([])
    .describe('Planned outages of regions: the load is carried elsewhere.'),
  dependsOn: z
    .array(name)
    .default([])
    .describe('Workloads whose work leads to work of this one: their forecasts are followed, with a ratio and a delay that are learned, where that helps.')
    .meta({ examples: [['ingest']] }),
  events: z.array(eventFeed).default([]).describe('Calendars and lists of events that change the demand of this workload.'),
  regressors: z
    .array(z.discriminatedUnion('source', regressorKinds))
    .default([])
    .describe('Numbers known ahead that the demand of this workload goes with.'),
})

const approvalBand = z
  .strictObject({
    band: z
      .strictObject({
        nodes: count.default(20).describe('Nodes that all pools together may change by, up and down counted together.'),
        share: z.number().gt(0).default(0.25).describe('Share of its live count that any pool may change by.'),
        usdPerHour: z.number().min(0).default(10).describe('USD per hour by which the cost may rise.'),
      })
      .describe('What a plan may change without approval.'),
  })
  .describe('Approval for plans outside a band.')

const cluster = z.strictObject({
  name: text
    .describe('Name of the cluster, which exists already; of one of GKE that is not regional `projects/…/locations/…/clusters/…`.')
    .meta({ examples: ['shop'] }),
  workloads: z
    .array(name)
    .min(1)
    .optional()
    .describe('Workloads whose pools here are node pools of this cluster; all if left out.')
    .meta({ examples: [['web']] }),
  nodeRole: text
    .optional()
    .describe('ARN of the IAM role of the nodes (AWS, where it is required).')
    .meta({ examples: ['arn:aws:iam::123456789012:role/eks-nodes'] }),
})

const region = z.strictObject({
  cloud: z.enum(clouds).describe('Cloud.'),
  region: regionId.describe('Region, as the cloud calls it.').meta({ examples: ['us-east-1'] }),
  zones: z
    .array(text)
    .min(1)
    .describe('Zones to spread nodes over, as the cloud calls them.')
    .meta({ examples: [['us-east-1a', 'us-east-1b', 'us-east-1c']] }),
  quotaVcpu: z
    .strictObject({
      'on-demand': count.default(100000).describe('vCPUs of on-demand nodes.'),
      spot: count.default(100000).describe('vCPUs of spot nodes.'),
    })
    .prefault({})
    .describe('vCPU quota of the account here, per purchase option; workloads share it.'),
  usdPerGbSent: z
    .number()
    .min(0)
    .optional()
    .describe('Price of data sent from here to users; that of the catalogue if left out.')
    .meta({ examples: [0.09] }),
  usdPerGbTo: z
    .record(name, z.number().min(0))
    .default({})
    .describe('The same for single user zones.')
    .meta({ examples: [{ 'eu-west': 0.02 }] }),
  launch: launch.prefault({}).describe('How nodes are launched here: things that exist already are named, none is created.'),
  clusters: z
    .array(cluster)
    .min(1)
    .optional()
    .describe(
      'Managed Kubernetes here: EKS, GKE or AKS, by the cloud. Pools of its workloads are node pools of the cluster, in place of groups of ' +
        'the cloud’s own; of `launch` they take subnets (AWS, where they are required; Azure), securityGroups and identity (GCP) and resourceGroup (Azure).',
    ),
})

const commitment = z.strictObject({
  cloud: z.enum(clouds).describe('Cloud.'),
  region: regionId.describe('Region of the nodes.').meta({ examples: ['us-east-1'] }),
  type: text.describe('Instance type.').meta({ examples: ['m7g.xlarge'] }),
  nodes: count.min(1).describe('Nodes that are paid for, used or not.').meta({ examples: [20] }),
  usdPerHour: z
    .number()
    .min(0)
    .describe('What one of them costs.')
    .meta({ examples: [0.1] }),
})

const ownPrice = z.strictObject({
  cloud: z.enum(clouds).describe('Cloud.'),
  region: regionId.describe('Region.').meta({ examples: ['us-east-1'] }),
  type: text.describe('Instance type of the catalogue.').meta({ examples: ['m7g.xlarge'] }),
  'on-demand': z
    .number()
    .gt(0)
    .optional()
    .describe('Price of one on-demand node, USD per hour; the catalogue’s if left out.')
    .meta({ examples: [0.15] }),
  spot: z
    .number()
    .gt(0)
    .optional()
    .describe('Price of one spot node, USD per hour; the catalogue’s if left out.')
    .meta({ examples: [0.05] }),
})

const deferrable = z.strictObject({
  name: name.describe('Name, unique in the list.').meta({ examples: ['nightly-report'] }),
  workload: name.describe('Workload whose nodes do it.').meta({ examples: ['web'] }),
  amount: z
    .number()
    .gt(0)
    .describe('Work of one run, in units of the workload’s demand times hours.')
    .meta({ examples: [4000] }),
  maxUnits: z
    .number()
    .gt(0)
    .describe('Most of it at once, in units of the workload’s demand.')
    .meta({ examples: [1500] }),
  cron: cronFields.describe('From when on a run may begin: minute, hour, day of month, month, day of week.').meta({ examples: ['0 22 * * *'] }),
  timeZone: timeZone.default('UTC').describe('Time zone of the cron fields; daylight saving is followed.'),
  within: duration.describe('When it must be done, from then on.').meta({ examples: ['10h'] }),
  atLeast: duration
    .optional()
    .describe('It takes at least so long, however many nodes there are.')
    .meta({ examples: ['2h'] }),
  atMost: duration
    .optional()
    .describe('Longest time from its beginning to its end; no limit if left out.')
    .meta({ examples: ['4h'] }),
  after: z
    .array(name)
    .default([])
    .describe('Work that must have ended before it begins: the latest run that may begin no later than this one.')
    .meta({ examples: [['nightly-export']] }),
  regions: z
    .array(regionRef)
    .min(1)
    .optional()
    .describe('Regions that may do it; those of the workload if left out.')
    .meta({ examples: [['aws/us-east-1']] }),
})

const influx2 = z.strictObject({
  source: z.literal('influx2').describe('InfluxDB 2, read with Flux.'),
  url: text.describe('Address of the server.').meta({ examples: ['http://localhost:8086'] }),
  org: text.describe('Organisation.').meta({ examples: ['platform'] }),
  bucket: text.describe('Bucket that holds the measurements.').meta({ examples: ['telegraf'] }),
  tokenEnv: environmentVariable.default('INFLUX_TOKEN').describe('Environment variable that holds a token with read permission.'),
  timeout: duration.prefault('60s').describe('Longest wait for the answer to one day’s page.'),
})
const paths = z.array(text).min(1).describe('Files or globs, relative to this file, `.gz` or not.')
const csv = z.strictObject({
  source: z.literal('csv').describe('CSV files.'),
  paths: paths.meta({ examples: [['demand/*.csv']] }),
  timeZone: timeZone.default('UTC').describe('Time zone of times that carry no offset.'),
})
const lineProtocol = z.strictObject({
  source: z.literal('line-protocol').describe('Files in InfluxDB’s line protocol, as telegraf’s file output writes them.'),
  paths: paths.meta({ examples: [['metrics/*.lp']] }),
  nodePaths: z
    .array(text)
    .min(1)
    .optional()
    .describe('Files or globs that hold what nodes report of their CPU use (telegraf’s `cpu`), for `serves.learn`; `paths` if left out.')
    .meta({ examples: [['metrics/nodes/*.lp']] }),
})

/** One schema: type, defaults, checks, JSON Schema and reference page. */
export const settingsSchema = z
  .strictObject({
    name: name.describe('Name of the project and prefix of its stacks: `<name>.<cloud>-<region>`.').meta({ examples: ['shop'] }),
    catalogue: text.default('catalogue.yaml').describe('File of instance types and prices, relative to this file.'),
    history: z.discriminatedUnion('source', [influx2, csv, lineProtocol]).describe('Where demand is read from.'),
    historyLimits: z
      .strictObject({
        step: duration.prefault('5m').describe('Spacing of the history; divides a day and the forecast’s step.'),
        window: duration.prefault('28d').describe('How far back history is read.'),
        maxAge: duration.prefault('15m').describe('When the newest sample of a workload is older, its counts are held.'),
        settle: duration.prefault('1m').describe('How long samples take to arrive: a step is used once it ended so long ago.'),
        lateness: duration
          .prefault('6h')
          .describe('How long after its end a day may still receive samples; younger days are read again each time.'),
        minCoverage: share.default(0.9).describe('When a smaller share of the steps has a value, counts are held.'),
      })
      .prefault({})
      .describe('Grid of the history, and how good it must be to act on.'),
    forecast: z
      .strictObject({
        step: duration.prefault('1h').describe('Spacing of forecast and plan; divides a day.'),
        horizon: duration.prefault('48h').describe('How far ahead; a multiple of the step.'),
        finer: z
          .strictObject({
            step: duration.optional().describe('Its spacing; divides `forecast.step`. The history’s step if left out; none is made where that is no finer than `forecast.step`.'),
            horizon: duration.prefault('2h').describe('How far ahead it reaches, in whole steps.'),
          })
          .prefault({})
          .describe('A finer grid for the next hours beside the planned one.'),
        resources: z
          .array(z.enum(['cpu', 'memory', 'network', 'disk']))
          .default([])
          .describe(
            'What is forecast of its nodes’ use beside requests, per region, where the history source holds it (telegraf’s `cpu`, `mem`, `net`, ' +
              '`diskio`); shown and checked, never planned from.',
          )
          .meta({ examples: [['cpu', 'memory', 'network', 'disk']] }),
        quantiles: z
          .array(quantile)
          .min(3)
          .default([0.1, 0.5, 0.9, 0.95, 0.99])
          .describe('Quantiles of demand that are forecast, ascending; they reach from 0.5 or below to 0.95 or above.'),
        seed: z
          .int()
          .min(0)
          .max(2 ** 32 - 1)
          .default(1)
          .describe('Seed of everything random in training: same history and seed, same forecast.'),
        retrain: duration.prefault('24h').describe('How often the models that all series share are trained anew; what is new is used when it does better.'),
      })
      .prefault({})
      .describe('Grid and quantiles of the forecast.'),
    plan: z
      .strictObject({
        quantile: quantile
          .default(0.95)
          .describe('Quantile of demand that capacity is planned for: 0.95 is exceeded in one step of twenty.'),
        utilisation: z
          .strictObject({
            normal: share.default(0.7).describe('While all is well.'),
            failure: share.default(0.95).describe('After the loss of a zone or region.'),
          })
          .prefault({})
          .describe('Share of a node’s throughput that is planned.'),
        survive: z
          .strictObject({
            zone: z.boolean().default(true).describe('Demand is still carried after the loss of any one zone.'),
            region: z.boolean().default(false).describe('Demand is still carried after the loss of any one region.'),
            blanket: z
              .boolean()
              .default(false)
              .describe(
                'Instead of `zone`: one zone of every region counts as lost at all times, at normal utilisation. Simple and dear; ' +
                  '`prescale plan --ablation` shows the difference.',
              ),
          })
          .prefault({})
          .describe('Losses that the plan must survive.'),
        spotAvailability: z
          .strictObject({
            normal: share.default(0.9).describe('While all is well.'),
            failure: share.default(0.75).describe('After the loss of a zone or region, when everybody moves.'),
          })
          .prefault({})
          .describe('Share of spot nodes that is counted on: an assumption, for no open source of interruption rates is known.'),
        usdPerUnitMs: z
          .number()
          .min(0)
          .default(1e-7)
          .describe(
            'Price put on one unit of demand travelling one millisecond for one hour; it draws traffic to near regions and is not ' +
              'billed.',
          ),
        startCostHours: z
          .number()
          .min(0)
          .default(0.1)
          .describe('Cost of starting a node, in hours of its price; it keeps nodes from being started for a moment.'),
        changeCostHours: z
          .number()
          .min(0)
          .default(0.25)
          .describe('What a change of the plan in force must save at least, in hours of the changed node’s price.'),
      })
      .prefault({})
      .describe('What the plan aims for.'),
    limits: z
      .strictObject({
        usdPerHour: z
          .number()
          .gt(0)
          .optional()
          .describe('Budget of all pools together, USD per hour; no limit if left out.')
          .meta({ examples: [250] }),
        usdPerDay: z
          .number()
          .gt(0)
          .optional()
          .describe('Budget of all pools together, USD per UTC day; a day that the plan covers in part has that part of it.')
          .meta({ examples: [4000] }),
        largestStep: z
          .strictObject({
            nodes: count.default(200).describe('Nodes.'),
            share: z.number().gt(0).default(3).describe('Share of the pool’s live count; 1 means at most doubled.'),
          })
          .prefault({})
          .describe('Largest change of one pool in one cycle; a larger one is refused.'),
        floorShare: fullShare
          .default(0.5)
          .describe('In one cycle, the capacity of a workload never drops below this share of what is live.'),
        loweringPerHour: fullShare
          .default(0.5)
          .describe('Share of the most capacity that a workload had within the last hour that may be given up; more is held back.'),
        forecastHealth: z
          .strictObject({
            minCoverage95: fullShare.default(0.8).describe('Least share of demand at or below p95 over the origins looked back on.'),
            mostOfNaive: z.number().gt(0).default(1.2).describe('Most loss, as a multiple of the better naive forecast’s.'),
          })
          .prefault({})
          .describe('A forecast outside of this may raise capacity, and lowers none.'),
        freezes: z
          .array(
            cronWindow.extend({
              scope: text
                .default('all')
                .describe('What stays as it is: `all`, a cloud, `cloud/region`, or `workload/<name>`.')
                .meta({ examples: ['aws/us-east-1'] }),
            }),
          )
          .default([])
          .describe('Periods in which no count is changed by prescale; the clouds go on with the schedules that they have.'),
      })
      .prefault({})
      .describe('What no plan may exceed.'),
    expiry: duration.prefault('3h').describe('How long after it was made a plan may be applied.'),
    moves: movesSchema,
    drift: driftSchema,
    approval: z
      .union([z.enum(['none', 'always']), approvalBand])
      .default('none')
      .describe('Which plans need approval before they are applied: none, all, or those that change more than a band allows.'),
    coordination: z
      .discriminatedUnion('store', [
        z.strictObject({ store: z.literal('files').describe('Files of the project, for copies of prescale on one machine.') }),
        z.strictObject({
          store: z.literal('postgres').describe('A Postgres database, for copies on many machines.'),
          urlEnv: environmentVariable
            .default('PRESCALE_DATABASE_URL')
            .describe('Environment variable that holds the address, `postgres://user:password@host/database`.'),
        }),
      ])
      .prefault({ store: 'files' })
      .describe('Where copies of prescale that work on this project keep what they must all see: leases, halts, approvals, audit, the plan, what was applied, moves, failures, and what was learned.'),
    policyPacks: z
      .array(text)
      .default([])
      .describe('Folders of Pulumi policy packs, relative to this file, that every preview and apply is checked with.')
      .meta({ examples: [['policy/capacity']] }),
    policyPackConfigs: z
      .array(text)
      .default([])
      .describe('JSON files with the settings of the policy packs, relative to this file: none, or one for each pack in their order; `{}` leaves a pack as it is.')
      .meta({ examples: [['policy/capacity.json']] }),
    tags: z
      .record(text, text)
      .default({})
      .describe('Tags (GCP: labels) of every resource.')
      .meta({ examples: [{ team: 'platform' }] }),
    userZones: z
      .array(
        z.strictObject({
          name: name.describe('Name, unique in the file.').meta({ examples: ['us-east'] }),
          latitude: z
            .number()
            .min(-90)
            .max(90)
            .describe('Degrees north.')
            .meta({ examples: [40.7] }),
          longitude: z
            .number()
            .min(-180)
            .max(180)
            .describe('Degrees east.')
            .meta({ examples: [-74] }),
          latencyMs: z
            .record(regionRef, z.number().min(0))
            .default({})
            .describe('Measured round trips, in ms; what is left out is estimated from distance.')
            .meta({ examples: [{ 'aws/us-east-1': 12 }] }),
        }),
      )
      .min(1)
      .describe('Where demand comes from.'),
    regions: z.array(region).min(1).describe('Regions that may be used; each is one stack.'),
    events: z
      .array(eventFeed.extend({ workloads: workloadsInScope }))
      .default([])
      .describe('Calendars and lists of events that change demand: their effect is learned from past ones and forecast for coming ones.'),
    regressors: z
      .array(
        z.discriminatedUnion('source', [
          regressorKinds[0].extend({ workloads: workloadsInScope }),
          regressorKinds[1].extend({ workloads: workloadsInScope }),
          regressorKinds[2].extend({ workloads: workloadsInScope }),
        ]),
      )
      .default([])
      .describe('Numbers known ahead that demand goes with, such as a weather forecast or bookings.'),
    workloads: z.array(workload).min(1).describe('What is scaled.'),
    prices: z.array(ownPrice).default([]).describe('Prices of your own, in place of the catalogue’s: no refresh of the catalogue touches them.'),
    commitments: z
      .array(commitment)
      .default([])
      .describe('Nodes that are paid for anyway, such as reserved instances: used first, as on-demand nodes.'),
    deferrable: z.array(deferrable).default([]).describe('Work that must be done within a window but not at one moment.'),
    sandbox: z
      .strictObject({
        directory: text.default('.prescale/sandbox').describe('Where the simulated clouds keep their state.'),
        scenario: text
          .describe('File that says which recorded demand is served, relative to this file.')
          .meta({ examples: ['data/scenario.yaml'] }),
      })
      .optional()
      .describe('Simulated clouds instead of real ones.'),
  })
  .describe('Settings of a prescale project.')

/** prescale.yaml, parsed: durations in seconds, instants in Unix seconds, defaults filled in. */
export type Settings = z.output<typeof settingsSchema>
/** prescale.yaml as it is written. */
export type SettingsInput = z.input<typeof settingsSchema>
export type WorkloadSettings = Settings['workloads'][number]
export type DeferrableSettings = Settings['deferrable'][number]
export type RegionSettings = Settings['regions'][number]
/** A calendar or list of events, of the project or of one workload. */
export type EventFeedSettings = WorkloadSettings['events'][number]
/** A number known ahead, of the project or of one workload. */
export type RegressorSettings = WorkloadSettings['regressors'][number]
/** A window that opens by a cron expression: a freeze, or maintenance of regions. */
export type WindowSettings = WorkloadSettings['freezes'][number]

/** One schema of the catalogue file. */
export const catalogueSchema = z
  .strictObject({
    source: text.describe('Where the figures come from.').meta({ examples: ['price list of the clouds'] }),
    date: day.describe('Day of the figures.').meta({ examples: ['2026-01-31'] }),
    licence: text.describe('Licence of the figures.').meta({ examples: ['Apache-2.0'] }),
    types: z
      .array(
        z.strictObject({
          cloud: z.enum(clouds).describe('Cloud that sells the type.'),
          type: text.describe('Instance type, as the cloud calls it.').meta({ examples: ['m7g.large'] }),
          vcpu: z
            .number()
            .gt(0)
            .describe('vCPUs of one node.')
            .meta({ examples: [2] }),
          memoryGib: z
            .number()
            .gt(0)
            .describe('Memory of one node, GiB.')
            .meta({ examples: [8] }),
          networkMbps: z
            .number()
            .gt(0)
            .optional()
            .describe('Network of one node, Mbit/s; left out when unknown: a workload that needs network then does not use the type.')
            .meta({ examples: [12500] }),
          diskMbps: z
            .number()
            .gt(0)
            .optional()
            .describe('Disk throughput of one node, Mbit/s; left out when unknown: a workload that needs disk then does not use the type.')
            .meta({ examples: [10000] }),
          usdPerHour: z
            .record(
              regionId,
              z.strictObject({
                'on-demand': z
                  .number()
                  .gt(0)
                  .optional()
                  .describe('Price of one on-demand node.')
                  .meta({ examples: [0.0816] }),
                spot: z
                  .number()
                  .gt(0)
                  .optional()
                  .describe('Price of one spot node.')
                  .meta({ examples: [0.0317] }),
              }),
            )
            .describe('Price in USD per hour, by region and purchase option; what is left out cannot be bought.'),
          maxNodes: count.default(1000).describe('Most nodes of this type in one region.'),
        }),
      )
      .min(1)
      .describe('Instance types.'),
    regions: z
      .array(
        z.strictObject({
          cloud: z.enum(clouds).describe('Cloud.'),
          region: regionId.describe('Region, as the cloud calls it.').meta({ examples: ['us-east-1'] }),
          latitude: z
            .number()
            .min(-90)
            .max(90)
            .describe('Degrees north.')
            .meta({ examples: [38.9] }),
          longitude: z
            .number()
            .min(-180)
            .max(180)
            .describe('Degrees east.')
            .meta({ examples: [-77.4] }),
          zones: z
            .array(text)
            .min(1)
            .optional()
            .describe('Zones of the region, where known.')
            .meta({ examples: [['us-east-1a', 'us-east-1b']] }),
          usdPerGbSent: z
            .number()
            .min(0)
            .optional()
            .describe('Price of data sent to the internet; left out when unknown.')
            .meta({ examples: [0.09] }),
        }),
      )
      .describe('Where regions are: latency is estimated from it.'),
  })
  .describe('Instance types that can be bought, their prices, and where regions are.')
export type Catalogue = z.output<typeof catalogueSchema>
