import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Settings } from '../config/schema.ts'
import type { Claim, Coordination } from '../domain/coordination.ts'
import { Problem } from '../domain/problem.ts'
import { FileLeases } from '../reconcile/lease.ts'
import { holderIsDead, localProcesses } from '../reconcile/stack-lock.ts'
import { FileCoordination } from '../store/file-coordination.ts'
import type { FileStore } from '../store/file-store.ts'
import { leadTimesRecord, throughputFolder } from './learned-records.ts'
import type { World } from './world.ts'

/** Opens, when first asked for, what all copies of prescale that work on a project share. */
export type OpenCoordination = () => Promise<Coordination>

/**
 * @param root   folder of prescale.yaml, absolute
 * @param store  of this machine
 * @returns a function that opens it once; a database that is not used is not asked
 * @throws Problem `coordination-unreachable`, when it is opened
 */
export function coordinationOf(world: World, root: string, settings: Settings, store: FileStore): OpenCoordination {
  let opened: Promise<Coordination> | undefined
  return () => (opened ??= open(world, root, settings, store))
}

async function open(world: World, root: string, { name, coordination }: Settings, store: FileStore): Promise<Coordination> {
  if (coordination.store === 'files') {
    const directory = join(root, '.prescale', 'leases')
    return new FileCoordination(store, new FileLeases(directory, localProcesses), new FileLeases(join(directory, 'records'), localProcesses), claimOf(world, 'a record'))
  }
  const { urlEnv } = coordination
  const url = world.env[urlEnv]
  if (url === undefined || url === '') throw new Problem('coordination-unreachable', { where: `the database of ${urlEnv}`, reason: `${urlEnv} is not set`, next: `export ${urlEnv}=postgres://…` })
  const { PostgresCoordination } = await import('../store/postgres/postgres-coordination.ts')
  try {
    const coordination = await PostgresCoordination.open(url, name, (claim) => holderIsDead(claim, localProcesses))
    await handOver(store, coordination)
    return coordination
  } catch (error) {
    const reason = error instanceof Problem && error.code === 'coordination-lost' ? (error as Problem<'coordination-lost'>).facts.reason : String(error)
    throw new Problem('coordination-unreachable', { where: `the database of ${urlEnv}`, reason, next: 'check that it runs and that the address is right' }, { cause: error })
  }
}

/**
 * Shares what this machine learned while it kept its records by itself, where nothing was learned since: what is planned with the values of
 * the settings again might be too little. All other records are made anew from the clouds.
 */
async function handOver(store: FileStore, shared: Coordination): Promise<void> {
  for (const name of [leadTimesRecord, ...store.names(throughputFolder)]) {
    const own = store.read<unknown>(name)
    if (own === undefined) continue
    await shared.change<unknown>(name, (learned) => learned ?? own)
    store.remove(name)
  }
}

/** @returns this process as others see it */
export function claimOf(world: World, purpose: string): Claim {
  return { pid: process.pid, host: hostname(), purpose, sinceSeconds: world.now() }
}

/** Names of variables in which pipelines say who started them. */
const actorVariables = ['PRESCALE_ACTOR', 'GITHUB_ACTOR', 'GITLAB_USER_LOGIN', 'USER', 'LOGNAME', 'USERNAME']

/** @returns who acts, for the audit: `ada@host` */
export function actorOf({ env }: World): string {
  const name = actorVariables.map((variable) => env[variable]).find((value) => value !== undefined && value !== '')
  return `${name ?? 'unknown'}@${hostname()}`
}
