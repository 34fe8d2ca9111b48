import type { DesiredState } from '../domain/desired-state.ts'
import { rfc3339 } from '../domain/grid.ts'
import { type Halt, type HaltSubject, haltOn, withHalt, withoutHalts } from '../domain/halt.ts'
import { clouds, regionName } from '../domain/pool.ts'
import { Problem } from '../domain/problem.ts'
import { audit } from './audit.ts'
import { actorOf } from './coordination.ts'
import { type Project, projectNow } from './project.ts'

const record = 'halts'

/** @returns the halts in force */
export async function haltsInForce(project: Project): Promise<readonly Halt[]> {
  const halts = (await (await project.coordination()).read<readonly Halt[]>(record)) ?? []
  return withoutHalts(halts, '', projectNow(project))
}

/** @returns why nothing of the subject may be changed now; undefined when no halt covers it */
export async function haltedBecause(project: Project, subject: HaltSubject): Promise<string | undefined> {
  const halt = haltOn(await haltsInForce(project), subject, projectNow(project))
  return halt === undefined ? undefined : haltSentence(halt)
}

/** @returns what a halt may cover of a stack */
export function haltSubject({ cloud, region, pools }: DesiredState): HaltSubject {
  return { cloud, region, workloads: [...new Set(pools.map(({ workload }) => workload))] }
}

/** @returns what is halted, by whom, why and until when */
export function haltSentence({ scope, by, reason, atSeconds, untilSeconds }: Halt): string {
  const until = untilSeconds === undefined ? `until prescale resume ${scope}` : `until ${rfc3339(untilSeconds)}`
  return `${scope} is halted by ${by} since ${rfc3339(atSeconds)} ${until}: ${reason}`
}

/**
 * Orders that nothing in a scope is changed any more; the clouds go on with the schedules that they have.
 * @param forSeconds  how long; until somebody resumes if undefined
 * @throws Problem `scope-unknown`
 */
export async function halt(project: Project, scope: string, reason: string, forSeconds: number | undefined): Promise<Halt> {
  refuseUnknown(project, scope)
  const atSeconds = Math.floor(projectNow(project))
  const ordered: Halt = { scope, reason, by: actorOf(project.world), atSeconds, untilSeconds: forSeconds === undefined ? undefined : atSeconds + forSeconds }
  await (await project.coordination()).change<readonly Halt[]>(record, (before = []) => withHalt(before, ordered, atSeconds))
  await audit(project, 'halt', scope, haltSentence(ordered), { reason, until: ordered.untilSeconds })
  return ordered
}

/**
 * Takes back the halt of a scope.
 * @returns the halts that stay in force
 * @throws Problem `scope-unknown`, `not-halted`
 */
export async function resume(project: Project, scope: string, reason: string | undefined): Promise<readonly Halt[]> {
  refuseUnknown(project, scope)
  const inForce = await haltsInForce(project)
  if (!inForce.some((one) => one.scope === scope)) throw new Problem('not-halted', { scope, halted: inForce.map((one) => one.scope) })
  const now = projectNow(project)
  const left = await (await project.coordination()).change<readonly Halt[]>(record, (before = []) => withoutHalts(before, scope, now))
  await audit(project, 'resume', scope, `${scope} is no longer halted${reason === undefined ? '' : `: ${reason}`}`, { reason })
  return left
}

/** @returns every scope that a halt may name in this project */
export function haltScopes({ settings }: Pick<Project, 'settings'>): readonly string[] {
  return [
    'all',
    ...clouds.filter((cloud) => settings.regions.some((region) => region.cloud === cloud)),
    ...settings.regions.map(regionName),
    ...settings.workloads.map(({ name }) => `workload/${name}`),
  ]
}

/** A mistyped scope would halt nothing, and nobody would know. */
function refuseUnknown(project: Project, scope: string): void {
  const known = haltScopes(project)
  if (!known.includes(scope)) throw new Problem('scope-unknown', { scope, known })
}
