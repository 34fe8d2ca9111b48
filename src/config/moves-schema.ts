import { z } from 'zod'
import { dnsLabel, duration, regionRef, text, urlPath } from './kinds.ts'

/** How workloads are moved between pools, and what is done about changes that others make. */
export const movesSchema = z
  .strictObject({
    wait: duration
      .optional()
      .describe(
        'How long one cycle waits for nodes it asked for before it leaves the rest to the next cycle. If left out, a cycle does not wait, but on ' +
          'simulated clouds, where waiting moves the clock, it sees its moves through.',
      )
      .meta({ examples: ['10m'] }),
    ready: z
      .enum(['reports', 'lead-time'])
      .default('reports')
      .describe(
        'How a node is known to serve, on real clouds. `reports`: it reports its CPU use to the history source. `lead-time`: twice its lead time has ' +
          'passed since it was ordered.',
      ),
    drain: duration.prefault('2m').describe('From the shift of traffic until the nodes that it left are taken away.'),
  })
  .prefault({})
  .describe('How workloads move between pools: nodes are raised, awaited, given traffic, drained, and only then lowered.')

const domain = text
  .describe('Name that users ask for. With several user zones there is one name for each, `<user zone>.<domain>`, to point geolocation records at.')
  .meta({ examples: ['web.shop.example'] })
const ttl = duration.prefault('60s').describe('How long an answer may be kept; not longer than `moves.drain`.')
const endpoints = z
  .record(regionRef, text)
  .describe('DNS name of the load balancer in each region that may serve the workload.')
  .meta({ examples: [{ 'aws/us-east-1': 'web-1234.us-east-1.elb.amazonaws.com' }] })

const route53 = z.strictObject({
  dns: z.literal('route53').describe('Weighted records in Amazon Route 53; the endpoints may be in any cloud.'),
  zoneId: text.describe('Hosted zone that holds the records.').meta({ examples: ['Z0123456789ABCDEFGHIJ'] }),
  domain,
  ttl,
  endpoints,
})

const cloudDns = z.strictObject({
  dns: z.literal('cloud-dns').describe('Record sets in Google Cloud DNS with a weighted round robin policy; the endpoints may be in any cloud.'),
  managedZone: text.describe('Name of the managed zone that holds the record sets.').meta({ examples: ['shop-example'] }),
  domain,
  ttl,
  endpoints,
})

const trafficManager = z.strictObject({
  dns: z.literal('traffic-manager').describe('Profiles of Azure Traffic Manager with weighted endpoints, which may be in any cloud.'),
  resourceGroup: text.describe('Resource group that holds the profiles.').meta({ examples: ['shop-traffic'] }),
  profile: dnsLabel
    .describe(
      'Name of the profile that prescale makes; it answers at `<profile>.trafficmanager.net`, to which the name that users ask for is an alias. With several user zones ' +
        'there is one for each, `<profile>-<user zone>`.',
    )
    .meta({ examples: ['shop-web'] }),
  ttl,
  monitor: z
    .strictObject({
      protocol: z.enum(['HTTP', 'HTTPS', 'TCP']).default('HTTPS').describe('How an endpoint is asked.'),
      port: z.int().min(1).max(65535).default(443).describe('Port it is asked at.'),
      path: urlPath.default('/').describe('Path it is asked for; not used with TCP.'),
    })
    .prefault({})
    .describe('How Traffic Manager learns that an endpoint is well.'),
  endpoints,
})

/** Records that send a workload's users to its regions, by the shares of the plan. */
export const trafficSchema = z
  .discriminatedUnion('dns', [route53, cloudDns, trafficManager])
  .optional()
  .describe('Traffic that prescale shifts with the nodes: after they are ready, before others are lowered. Left out, traffic is left alone.')

/** What is done about live groups that differ from what was applied. */
export const driftSchema = z
  .enum(['report', 'repair'])
  .default('report')
  .describe(
    '`report`: counts that others lowered below the plan are raised again; everything else, weights of traffic too, is told in `prescale status` and stays. ' +
      '`repair`: each cycle also undoes what others changed by hand. `prescale apply --repair` does so once.',
  )
