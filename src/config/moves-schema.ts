import { z } from 'zod'
import { duration } from './kinds.ts'

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

/** What is done about live groups that differ from what was applied. */
export const driftSchema = z
  .enum(['report', 'repair'])
  .default('report')
  .describe(
    '`report`: counts that others lowered below the plan are raised again; everything else is told in `prescale status` and stays. `repair`: each cycle also ' +
      'undoes what others changed by hand. `prescale apply --repair` does so once.',
  )
