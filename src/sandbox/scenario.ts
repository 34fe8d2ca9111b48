import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Catalogue } from '../config/schema.ts'
import { clouds } from '../domain/pool.ts'
import { Problem, type InputFault } from '../domain/problem.ts'
import { alignDown } from '../domain/grid.ts'
import type { Trace, Traces } from './demand.ts'
import { stepSeconds, type World } from './world.ts'

const weekSeconds = 7 * 86400

const instant = z.iso.datetime().transform((text) => Date.parse(text) / 1000)
const seconds = z.number().min(0)

const cloudPhysics = z.strictObject({
  orderSeconds: z.int().min(1),
  bootSecondsMedian: z.int().min(1),
  bootSeconds95: z.int().min(1),
  drainSeconds: z.int().min(1),
  spotInterruptionsPerNodeHour: seconds,
  spotNoticeSeconds: z.int().min(1),
})

const scenarioSchema = z
  .strictObject({
    seed: z.int(),
    start: instant,
    historyDays: z.int().min(0),
    clouds: z.strictObject({ aws: cloudPhysics, gcp: cloudPhysics, azure: cloudPhysics }),
    regions: z
      .array(
        z.strictObject({
          cloud: z.enum(clouds),
          region: z.string(),
          zones: z.array(z.string()).min(1),
          quotaVcpu: z.strictObject({ 'on-demand': z.int().min(0), spot: z.int().min(0) }),
        }),
      )
      .min(1),
    traces: z.record(z.string(), z.strictObject({ file: z.string(), stepSeconds: z.int().multipleOf(stepSeconds) })),
    workloads: z
      .array(
        z.strictObject({
          name: z.string(),
          measurement: z.string().default('http_requests'),
          field: z.string().default('count'),
          trace: z.string(),
          recordedAt: instant,
          scale: z.number().gt(0),
          vcpuPerUnit: z.number().gt(0),
          userZones: z.array(z.strictObject({ name: z.string(), share: z.number().gt(0).max(1), laterHours: z.int().min(-23).max(23) })).min(1),
        }),
      )
      .min(1),
    existing: z.array(z.strictObject({ type: z.string(), inputs: z.record(z.string(), z.unknown()) })).default([]),
  })
  .superRefine((scenario, context) => {
    const refuse = (path: (string | number)[], message: string): void => context.addIssue({ code: 'custom', path, message })
    if (scenario.start % stepSeconds !== 0) refuse(['start'], `must be a multiple of ${stepSeconds} s`)
    for (const [index, workload] of scenario.workloads.entries()) {
      if (scenario.traces[workload.trace] === undefined) refuse(['workloads', index, 'trace'], `names no trace: ${workload.trace}`)
      if ((scenario.start - workload.recordedAt) % weekSeconds !== 0) {
        refuse(['workloads', index, 'recordedAt'], 'must lie a whole number of weeks before the start, so that weekday and hour stay')
      }
    }
  })

/** scenario.yaml, parsed: instants in Unix seconds. */
export type Scenario = z.output<typeof scenarioSchema>

/** @throws Problem `file-missing`, `input-invalid` with every fault */
export function loadScenario(file: string): Scenario {
  const parsed = scenarioSchema.safeParse(parse(readText(file)))
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map(
    (issue): InputFault => ({ file: basename(file), line: undefined, column: undefined, path: issue.path.join('.'), message: issue.message }),
  )
  throw new Problem('input-invalid', { what: 'the scenario of the sandbox', faults })
}

/** @returns text of the file @throws Problem `file-missing` */
export function readText(file: string): string {
  return readBytes(file, 'the scenario of the sandbox', 'name one under sandbox.scenario in prescale.yaml').toString('utf8')
}

function readBytes(file: string, what: string, make: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new Problem('file-missing', { what, file, make }, { cause })
  }
}

/** @returns the traces that the scenario names, read from beside it */
export function loadTraces(file: string, scenario: Scenario): Traces {
  return Object.fromEntries(Object.entries(scenario.traces).map(([name, trace]) => [name, readTrace(join(dirname(file), trace.file), trace.stepSeconds)]))
}

/**
 * Reads `timestamp,value` lines (gzip, one line of titles, RFC 3339, value an event count) onto the 5-minute grid: a timestamp is moved back to
 * the start of its step, a longer recorded step is shared evenly among the steps in it, steps without a line have no events.
 * @throws Problem `file-missing`
 */
export function readTrace(path: string, recordedStepSeconds: number): Trace {
  const rows = gunzipSync(readBytes(path, 'a trace of the scenario', 'name the right file under traces, relative to the scenario')).toString('utf8').trim().split('\n').slice(1)
  const samples = rows.map((row) => {
    const [timestamp = '', value = ''] = row.split(',')
    return { at: alignDown(Date.parse(timestamp) / 1000, stepSeconds), count: Number(value) }
  })
  const parts = recordedStepSeconds / stepSeconds
  const startSeconds = samples[0]?.at ?? 0
  const endSeconds = (samples.at(-1)?.at ?? startSeconds) + recordedStepSeconds
  const counts = new Array<number>((endSeconds - startSeconds) / stepSeconds).fill(0)
  for (const { at, count } of samples) {
    for (let part = 0; part < parts; part += 1) {
      const step = (at - startSeconds) / stepSeconds + part
      counts[step] = (counts[step] ?? 0) + count / parts
    }
  }
  return { startSeconds, counts }
}

/** @returns the world of a scenario with the types and prices of a catalogue */
export function worldOf(scenario: Scenario, catalogue: Catalogue): Omit<World, 'hashes'> {
  return {
    seed: scenario.seed,
    startSeconds: scenario.start,
    historySeconds: scenario.historyDays * 86400,
    clouds: scenario.clouds,
    regions: scenario.regions,
    types: catalogue.types.map(({ cloud, type, vcpu, usdPerHour }) => ({
      cloud,
      type,
      vcpu,
      usdPerHour: Object.fromEntries(Object.entries(usdPerHour).map(([region, prices]) => [region, pricesOf(prices)])),
    })),
    workloads: scenario.workloads.map(({ recordedAt, ...workload }) => ({ ...workload, recordedAtSeconds: recordedAt })),
  }
}

/** Options without a price are left out, as the world's type has it. */
function pricesOf(prices: { readonly 'on-demand'?: number | undefined; readonly spot?: number | undefined }): World['types'][number]['usdPerHour'][string] {
  return {
    ...(prices['on-demand'] === undefined ? {} : { 'on-demand': prices['on-demand'] }),
    ...(prices.spot === undefined ? {} : { spot: prices.spot }),
  }
}
