import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { type InputFault, Problem } from '../domain/problem.ts'
import type { Comparison, FrontierPoint, FrontierWeights } from '../plan/compare-variants.ts'
import { instanceFaults } from '../plan/documents/check-instance.ts'
import { type InstanceDocument, problemFromInstance } from '../plan/documents/instance-document.ts'
import type { PlannedInstance } from '../plan/plan-instance.ts'
import type { Progress } from '../plan/planning-thread.ts'
import type { PlanProblem } from '../plan/problem.ts'
import { askPlanThread } from '../plan/plan-in-worker.ts'
import { whatIf, whatIfForms } from '../plan/variants.ts'
import { streamAtomically } from '../store/atomic-file.ts'
import type { World } from './world.ts'

/** A planned problem and what planning it took, from the start of the process. */
export interface PlannedFile extends Omit<PlannedInstance, 'plan'> {
  readonly instance: string
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly peakMemoryMib: number
}

/** Points of the frontier, each beside the plan in force: a dearer or cheaper millisecond, less or more headroom, less or more spot. */
const frontierWeights: readonly FrontierWeights[] = [
  {}, { latency: 0.25 }, { latency: 0.5 }, { latency: 2 }, { latency: 4 }, { utilisation: 0.8 }, { utilisation: 0.9 }, { utilisation: 1.1 }, { spot: 0 }, { spot: 0.5 }, { spot: 1.5 },
]

/**
 * Reads a problem.
 * @param file  prescale.instance/1 as JSON, compressed when its name ends in `.gz`; relative to the working directory
 * @throws Problem `file-missing`, `input-invalid`
 */
export function readProblem(world: World, file: string): PlanProblem {
  return problemFromInstance(readInstance(world, file))
}

function readInstance(world: World, file: string): InstanceDocument {
  const document = parsed(file, bytesOf(world, file))
  const faults = instanceFaults(document)
  if (faults.length > 0) throw unreadable(faults.map(({ path, message }) => ({ file, line: undefined, column: undefined, path, message })))
  return document as InstanceDocument
}

function bytesOf(world: World, file: string): Buffer {
  try {
    return readFileSync(resolve(world.cwd, file))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Problem('file-missing', { what: 'the problem', file, make: 'prescale plan --save-problem writes one' })
  }
}

function parsed(file: string, bytes: Buffer): unknown {
  try {
    return JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'))
  } catch (error) {
    throw unreadable([{ file, line: undefined, column: undefined, path: '', message: `is no JSON: ${(error as Error).message}` }])
  }
}

function unreadable(faults: readonly InputFault[]): Problem {
  return new Problem('input-invalid', { what: 'the problem', faults, again: 'prescale plan --problem' })
}

/** User zones times regions times steps times workloads below which starting a thread takes a tenth of the time of a plan. */
const quickBelow = 5_000

/** Plans a problem: a small one here, so that it is heard that it shall end once it is planned, in a fraction of a second; others in a thread. */
async function plannedDocument(document: InstanceDocument, signal: AbortSignal): Promise<PlannedInstance> {
  const { userZones, regions, steps, programs } = document
  if (userZones.length * regions.length * steps * programs.length >= quickBelow) return askPlanThread({ kind: 'instance', document }, signal)
  const { loadSolver } = await import('../plan/solver/highs.ts')
  const solver = loadSolver()
  const { planInstance } = await import('../plan/plan-instance.ts')
  const planned = await planInstance(document, await solver, signal)
  // Whatever was heard meanwhile is told in one whole turn of the event loop: the first may end within the turn that the plan was made in.
  await setImmediate()
  await setImmediate()
  signal.throwIfAborted()
  return planned
}

/**
 * Plans the problem of a file.
 * @param out  where the plan goes as prescale.plan/1, relative to the working directory; undefined writes none
 * @throws Problem `file-missing`, `input-invalid`
 */
export async function planProblemFile(world: World, file: string, out: string | undefined): Promise<PlannedFile> {
  const { plan, ...figures } = await plannedDocument(readInstance(world, file), world.signal)
  if (out !== undefined) await streamAtomically(resolve(world.cwd, out), [JSON.stringify(plan), '\n'])
  const { user, system } = process.cpuUsage()
  return {
    instance: plan.instance,
    ...figures,
    cpuSeconds: (user + system) / 1e6,
    wallSeconds: performance.now() / 1000,
    peakMemoryMib: Math.round(process.resourceUsage().maxRSS / 1024),
  }
}

/** Who hears how far plans are, and may end them. */
export type Watch = Pick<World, 'narrator' | 'signal'>

/** Tells of work on several plans while it goes on. */
async function watched<Made>(title: string, { narrator }: Watch, work: (progress: Progress) => Promise<readonly Made[]>): Promise<readonly Made[]> {
  narrator.begin(title)
  const made = await work((done, total) => {
    narrator.progress(done, total)
  })
  narrator.end(`${made.length} plans`)
  return made
}

/**
 * Plans a problem as it is and under each what-if.
 * @throws Problem `what-if-unknown`
 */
export async function comparePlans(problem: PlanProblem, texts: readonly string[], watch: Watch): Promise<readonly Comparison[]> {
  for (const text of texts) {
    if (whatIf(text, problem) !== undefined) continue
    throw new Problem('what-if-unknown', {
      text,
      forms: whatIfForms,
      regions: problem.regions.map(({ name }) => name),
      workloads: problem.workloads.map(({ name }) => name),
    })
  }
  return watched('planning what-ifs', watch, (progress) => askPlanThread({ kind: 'compare', problem, texts }, watch.signal, progress))
}

/** Plans a problem as it is and without each of its parts: what each is worth, and what each failure that it survives costs. */
export async function planAblation(problem: PlanProblem, watch: Watch): Promise<readonly Comparison[]> {
  return watched('planning without each part', watch, (progress) => askPlanThread({ kind: 'compare', problem, texts: undefined }, watch.signal, progress))
}

/** Plans a problem with cheaper and dearer latency, more and less headroom, more and less spot. */
export async function planFrontier(problem: PlanProblem, watch: Watch): Promise<readonly FrontierPoint[]> {
  return watched('planning the frontier', watch, (progress) => askPlanThread({ kind: 'frontier', problem, weights: frontierWeights }, watch.signal, progress))
}
