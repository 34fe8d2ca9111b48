import type { Claim, Lease, LeaseAnswer, Leases, Place, StackQueue } from '../../domain/coordination.ts'
import type { Statements } from './shared-database.ts'

interface ClaimRow {
  readonly stack: string
  readonly pid: number
  readonly host: string
  readonly purpose: string
  readonly since: Date
}

/** Whether a process is known to have ended; false for one on another machine. */
export type ProvenDead = (claim: Claim) => boolean

/** Missed heartbeats after which a holder, or one who waits, is taken for dead. */
const missedHeartbeats = 6

/**
 * One writer per stack, among machines, by rows that a heartbeat keeps alive. A holder whose heartbeat stopped for longer than the time to
 * live has lost the stack to whoever asks next, and learns it from its next heartbeat: until that answers, it must change nothing more. One
 * that is proven dead before that, on the machine of who asks, gives way at once.
 */
export class PostgresLeases implements Leases {
  readonly heartbeatSeconds: number
  readonly #database: Statements
  readonly #project: string
  readonly #timeToLive: string
  readonly #isDead: ProvenDead

  /**
   * @param project  name that keeps projects in one database apart
   * @param isDead   what is known of processes on this machine
   */
  constructor(database: Statements, project: string, isDead: ProvenDead, heartbeatSeconds = 5) {
    this.#database = database
    this.#project = project
    this.#isDead = isDead
    this.heartbeatSeconds = heartbeatSeconds
    this.#timeToLive = `${heartbeatSeconds * missedHeartbeats} seconds`
  }

  async take(stack: string, claim: Claim, place: Place | undefined): Promise<LeaseAnswer> {
    // The row's lock makes rivals wait; they then see its new state in the condition of the update.
    const { rows } = await this.#database.query<{ token: string }>(
      `insert into prescale_leases as held (project, stack, token, pid, host, purpose, since, heartbeat, released)
       select $1, $2, 1, $3, $4, $5, to_timestamp($6), clock_timestamp(), false
       where not exists (${living('waiting.number < $7')})
       on conflict (project, stack) do update
         set token = held.token + 1, pid = excluded.pid, host = excluded.host, purpose = excluded.purpose, since = excluded.since,
             heartbeat = clock_timestamp(), released = false
         where held.released or held.heartbeat < clock_timestamp() - $8::interval
       returning token`,
      [this.#project, stack, claim.pid, claim.host, claim.purpose, claim.sinceSeconds, place?.number ?? Number.MAX_SAFE_INTEGER, this.#timeToLive],
    )
    const token = rows[0]?.token
    if (token !== undefined) return { kind: 'taken', lease: this.#lease(stack, Number(token)) }
    const ahead = await this.#waiting(stack, place?.number ?? Number.MAX_SAFE_INTEGER)
    const holder = (await this.#holders()).get(stack)
    const [next, ...rest] = ahead
    if (holder !== undefined && this.#isDead(holder.claim)) {
      await this.#database.query('update prescale_leases set released = true where project = $1 and stack = $2 and token = $3', [this.#project, stack, holder.token])
      return this.take(stack, claim, place)
    }
    if (holder !== undefined) return { kind: 'held', holder: holder.claim, ahead }
    if (next !== undefined) return { kind: 'held', holder: next, ahead: rest }
    // whoever held it a moment ago has just let go
    return this.take(stack, claim, place)
  }

  async join(stack: string, claim: Claim): Promise<Place> {
    const { rows } = await this.#database.query<{ number: string }>(
      `insert into prescale_waiting (project, stack, pid, host, purpose, since, heartbeat)
       values ($1, $2, $3, $4, $5, to_timestamp($6), clock_timestamp()) returning number`,
      [this.#project, stack, claim.pid, claim.host, claim.purpose, claim.sinceSeconds],
    )
    const number = Number(rows[0]?.number)
    return {
      number,
      renew: async () => void (await this.#database.query('update prescale_waiting set heartbeat = clock_timestamp() where number = $1', [number])),
      leave: async () =>
        void (await this.#database.query('delete from prescale_waiting where number = $1 or (project = $2 and heartbeat < clock_timestamp() - $3::interval)', [
          number,
          this.#project,
          this.#timeToLive,
        ])),
    }
  }

  async queues(): Promise<readonly StackQueue[]> {
    const holders = await this.#holders()
    const { rows } = await this.#database.query<{ stack: string }>('select distinct stack from prescale_waiting where project = $1', [this.#project])
    const stacks = [...new Set([...holders.keys(), ...rows.map(({ stack }) => stack)])].sort()
    const queues = await Promise.all(
      stacks.map(async (stack) => ({ stack, holder: holders.get(stack)?.claim, waiting: await this.#waiting(stack, Number.MAX_SAFE_INTEGER) })),
    )
    return queues.filter(({ holder, waiting }) => holder !== undefined || waiting.length > 0)
  }

  async #holders(): Promise<ReadonlyMap<string, { readonly token: string; readonly claim: Claim }>> {
    const { rows } = await this.#database.query<ClaimRow & { readonly token: string }>(
      `select stack, token, pid, host, purpose, since from prescale_leases
       where project = $1 and not released and heartbeat >= clock_timestamp() - $2::interval`,
      [this.#project, this.#timeToLive],
    )
    return new Map(rows.map((row) => [row.stack, { token: row.token, claim: claimOf(row) }]))
  }

  /** @returns those who wait before a number; the places of those proven dead are cleared */
  async #waiting(stack: string, before: number): Promise<readonly Claim[]> {
    const { rows } = await this.#database.query<ClaimRow & { readonly number: string }>(
      `select number, stack, pid, host, purpose, since from prescale_waiting
       where project = $1 and stack = $2 and number < $3 and heartbeat >= clock_timestamp() - $4::interval order by number`,
      [this.#project, stack, before, this.#timeToLive],
    )
    const dead = rows.filter((row) => this.#isDead(claimOf(row)))
    if (dead.length > 0) await this.#database.query('delete from prescale_waiting where number = any($1::bigint[])', [dead.map(({ number }) => number)])
    return rows.filter((row) => !dead.includes(row)).map(claimOf)
  }

  #lease(stack: string, token: number): Lease {
    const own = 'project = $1 and stack = $2 and token = $3 and not released'
    const keys = [this.#project, stack, token]
    return {
      stack,
      token,
      renew: async () => {
        const { rowCount } = await this.#database.query(`update prescale_leases set heartbeat = clock_timestamp() where ${own}`, keys)
        return rowCount === 1 ? 'held' : 'lost'
      },
      release: async () => void (await this.#database.query(`update prescale_leases set released = true where ${own}`, keys)),
    }
  }
}

/** Those who wait for the stack of the statement's parameters and still give their heartbeat. */
function living(condition: string): string {
  return `select from prescale_waiting waiting
          where waiting.project = $1 and waiting.stack = $2 and waiting.heartbeat >= clock_timestamp() - $8::interval and ${condition}`
}

function claimOf({ pid, host, purpose, since }: ClaimRow): Claim {
  return { pid, host, purpose, sinceSeconds: since.getTime() / 1000 }
}
