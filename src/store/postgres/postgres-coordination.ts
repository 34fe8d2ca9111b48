import pg from 'pg'
import type { Coordination, Lease, Leases } from '../../domain/coordination.ts'
import { PostgresLeases, type ProvenDead } from './postgres-leases.ts'
import { tableNames, tables } from './tables.ts'

/** More would wait for each other: a command asks one thing at a time. */
const mostConnections = 4

/** What copies of prescale on many machines share, in one database. */
export class PostgresCoordination implements Coordination {
  readonly leases: Leases
  readonly #pool: pg.Pool
  readonly #project: string

  private constructor(pool: pg.Pool, project: string, isDead: ProvenDead, heartbeatSeconds: number | undefined) {
    this.#pool = pool
    this.#project = project
    this.leases = new PostgresLeases(pool, project, isDead, heartbeatSeconds)
  }

  /**
   * Connects, and makes the tables where they are missing. A process may end without closing it.
   * @param url      `postgres://user:password@host/database`
   * @param project  name that keeps projects in one database apart
   * @param isDead   what is known of processes on this machine
   * @throws what the client throws when the database does not answer
   */
  static async open(url: string, project: string, isDead: ProvenDead, heartbeatSeconds?: number): Promise<PostgresCoordination> {
    const pool = new pg.Pool({ connectionString: url, max: mostConnections, allowExitOnIdle: true, connectionTimeoutMillis: 10_000, application_name: 'prescale' })
    // a connection that breaks while idle is replaced by the next query
    pool.on('error', () => undefined)
    try {
      await makeTables(pool)
    } catch (error) {
      await pool.end()
      throw error
    }
    return new PostgresCoordination(pool, project, isDead, heartbeatSeconds)
  }

  async read<Value>(name: string): Promise<Value | undefined> {
    const { rows } = await this.#pool.query<{ value: Value }>('select value from prescale_records where project = $1 and name = $2', [this.#project, name])
    return rows[0]?.value
  }

  async readAll<Value>(folder: string): Promise<ReadonlyMap<string, Value>> {
    const { rows } = await this.#pool.query<{ name: string; value: Value }>(
      'select name, value from prescale_records where project = $1 and starts_with(name, $2) order by name collate "C"',
      [this.#project, `${folder}/`],
    )
    return new Map(rows.map(({ name, value }) => [name.slice(folder.length + 1), value]))
  }

  change<Value>(name: string, next: (before: Value | undefined) => Value): Promise<Value> {
    return inTransaction(this.#pool, (client) => this.#change(client, name, next))
  }

  /** The row of the lease stays locked until the record is written: nobody takes the stack in between. */
  changeHeld<Value>({ stack, token }: Lease, name: string, next: (before: Value | undefined) => Value): Promise<'held' | 'lost'> {
    return inTransaction(this.#pool, async (client) => {
      const { rowCount } = await client.query('select from prescale_leases where project = $1 and stack = $2 and token = $3 and not released for update', [this.#project, stack, token])
      if (rowCount !== 1) return 'lost'
      await this.#change(client, name, next)
      return 'held'
    })
  }

  async #change<Value>(client: pg.PoolClient, name: string, next: (before: Value | undefined) => Value): Promise<Value> {
    const key = [this.#project, name]
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [key.join('/')])
    const { rows } = await client.query<{ value: Value }>('select value from prescale_records where project = $1 and name = $2', key)
    const value = next(rows[0]?.value)
    if (value === undefined) await client.query('delete from prescale_records where project = $1 and name = $2', key)
    else await client.query('insert into prescale_records (project, name, value) values ($1, $2, $3) on conflict (project, name) do update set value = excluded.value', [...key, JSON.stringify(value)])
    return value
  }

  async append(log: string, entry: unknown): Promise<void> {
    await this.#pool.query('insert into prescale_log (project, log, entry) values ($1, $2, $3)', [this.#project, log, JSON.stringify(entry)])
  }

  async entries<Entry>(log: string, most: number): Promise<readonly Entry[]> {
    const { rows } = await this.#pool.query<{ entry: Entry }>('select entry from prescale_log where project = $1 and log = $2 order by number desc limit $3', [
      this.#project,
      log,
      most,
    ])
    return rows.map(({ entry }) => entry).reverse()
  }

  forget(): Promise<void> {
    return inTransaction(this.#pool, async (client) => {
      await client.query('delete from prescale_records where project = $1', [this.#project])
      await client.query('delete from prescale_log where project = $1', [this.#project])
    })
  }

  close(): Promise<void> {
    return this.#pool.end()
  }
}

/** Two that make the tables at once would fail on each other. Where all are there, the right to make some is not needed. */
async function makeTables(pool: pg.Pool): Promise<void> {
  const { rows: missing } = await pool.query('select name from unnest($1::text[]) name where to_regclass(name) is null', [tableNames])
  if (missing.length === 0) return
  await inTransaction(pool, async (client) => {
    await client.query("select pg_advisory_xact_lock(hashtext('prescale tables'))")
    await client.query(tables)
  })
}

/** All of the work is done, or nothing of it. */
async function inTransaction<Result>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}
