import { rfc3339 } from '../domain/grid.ts'
import { Problem } from '../domain/problem.ts'
import type { Claim, Lease, LeaseAnswer, Leases, Place } from '../domain/coordination.ts'
import { audit } from './audit.ts'
import { claimOf } from './coordination.ts'
import type { Project } from './project.ts'

/** The stacks that a piece of work holds. */
export interface HeldStacks {
  /** Aborted when one of them is lost, or when the command is interrupted. */
  readonly signal: AbortSignal
  /** A heartbeat for one stack, right before something of it is changed. @returns why it may not be; undefined when it may */
  stillHeld(stack: string): Promise<string | undefined>
  /**
   * Replaces a record of a stack, or removes it where `next` gives undefined.
   * @returns `lost` when the stack was taken over: its new holder decides then what is on record, and this is told
   */
  keep<Value>(stack: string, name: string, next: (before: Value | undefined) => Value | undefined): Promise<'held' | 'lost'>
}

/** How often one who waits asks again. */
const askSeconds = 1
/** A holder that could not give its heartbeat for so many of them in a row stops: others take it for dead soon. */
const mostMissed = 3

/**
 * Runs `work` while this process alone holds the stacks. Heartbeats keep them; when they cannot be given, or a stack was lost, the work is
 * told to stop.
 * @param purpose      for people who find a stack held: `prescale apply`
 * @param waitSeconds  how long to stand in the queue for stacks that are held; 0 does not wait
 * @throws Problem `lease-held` when another process holds one of them; none is held then
 */
export async function withLeases<Result>(
  project: Project,
  stacks: readonly string[],
  purpose: string,
  waitSeconds: number,
  work: (held: HeldStacks) => Promise<Result>,
): Promise<Result> {
  const coordination = await project.coordination()
  const { leases } = coordination
  const { world } = project
  const claim = claimOf(world, purpose)
  const held = new Map<string, Lease>()
  const lost = new AbortController()
  const until = world.now() + waitSeconds
  let beats: NodeJS.Timeout | undefined
  try {
    // in one order for all, so that no two wait for each other
    for (const stack of stacks.toSorted()) held.set(stack, await take(project, leases, stack, claim, until))
    beats = setInterval(heartbeat([...held.values()], (stack, why) => {
      lost.abort(new Error(why))
      void audit(project, 'lease-lost', stack, why).catch(() => undefined)
    }), leases.heartbeatSeconds * 1000)
    return await work({
      signal: AbortSignal.any([world.signal, lost.signal]),
      stillHeld: async (stack) => ((await held.get(stack)?.renew()) === 'held' ? undefined : `${stack} was taken over by another process`),
      keep: async <Value>(stack: string, name: string, next: (before: Value | undefined) => Value | undefined) => {
        const lease = held.get(stack)
        const answer = lease === undefined ? 'lost' : await coordination.changeHeld<Value | undefined>(lease, name, next)
        if (answer === 'lost') world.narrator.warn(`${stack} was taken over by another process: what this one did to it is not on record`)
        return answer
      },
    })
  } finally {
    clearInterval(beats)
    for (const lease of held.values()) await lease.release()
  }
}

/** @returns what gives one heartbeat for all, one after another, and tells once when they are lost */
function heartbeat(leases: readonly Lease[], lost: (stack: string, why: string) => void): () => void {
  let missed = 0
  let busy = false
  const beat = async (): Promise<void> => {
    for (const lease of leases) if ((await lease.renew()) === 'lost') lost(lease.stack, `${lease.stack} was taken over by another process`)
    missed = 0
  }
  return () => {
    if (busy) return
    busy = true
    void beat()
      .catch((error: unknown) => {
        missed += 1
        if (missed === mostMissed) lost(leases[0]?.stack ?? '', `no heartbeat could be given: ${error instanceof Error ? error.message : String(error)}`)
      })
      .finally(() => {
        busy = false
      })
  }
}

async function take(project: Project, leases: Leases, stack: string, claim: Claim, until: number): Promise<Lease> {
  const { world } = project
  const answer = await leases.take(stack, claim, undefined)
  if (answer.kind === 'taken') return answer.lease
  if (world.now() >= until) throw heldProblem(stack, answer)
  const place = await leases.join(stack, claim)
  world.narrator.begin(`waiting for ${stack}`)
  try {
    return await queued(project, leases, stack, claim, until, place)
  } finally {
    await place.leave()
    world.narrator.end('the wait is over')
  }
}

async function queued(project: Project, leases: Leases, stack: string, claim: Claim, until: number, place: Place): Promise<Lease> {
  const { world } = project
  let told = ''
  for (;;) {
    const answer = await leases.take(stack, claim, place)
    if (answer.kind === 'taken') return answer.lease
    if (world.now() >= until) throw heldProblem(stack, answer)
    const { purpose, pid, host } = answer.holder
    const now = `${stack} is held by ${purpose} (process ${pid} on ${host}); ${answer.ahead.length === 0 ? 'this command is next' : `${answer.ahead.length} wait before this command`}`
    if (now !== told) world.narrator.warn(now)
    told = now
    await world.sleep(askSeconds, world.signal)
    await place.renew()
  }
}

function heldProblem(stack: string, { holder, ahead }: Extract<LeaseAnswer, { kind: 'held' }>): Problem<'lease-held'> {
  const { purpose, pid, host, sinceSeconds } = holder
  return new Problem('lease-held', { stack, purpose, pid, host, since: rfc3339(Math.floor(sinceSeconds)), waiting: ahead.length })
}
