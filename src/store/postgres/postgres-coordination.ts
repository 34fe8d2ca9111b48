import pg from 'pg'
import type { Coordination, Leases } from '../../domain/coordination.ts'
import { PostgresLeases, type ProvenDead } from './postgres-leases.ts'
import { tables } from './tables.ts'

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

  async change<Value>(name: string, next: (before: Value | undefined) => Value): Promise<Value> {
    const client = await this.#pool.connect()
    try {
      await client.query('begin')
      await client.query('select pg_advisory_xact_lock(hashtext($1))', [`${this.#project}/${name}`])
      const { rows } = await client.query<{ value: Value }>('select value from prescale_records where project = $1 and name = $2', [this.#project, name])
      const value = next(rows[0]?.value)
      await client.query(
        'insert into prescale_records (project, name, value) values ($1, $2, $3) on conflict (project, name) do update set value = excluded.value',
        [this.#project, name, JSON.stringify(value)],
      )
      await client.query('commit')
      return value
    } catch (error) {
      await client.query('rollback').catch(() => undefined)
      throw error
    } finally {
      client.release()
    }
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

  close(): Promise<void> {
    return this.#pool.end()
  }
}

/** Two that make the tables at once would fail on each other. */
async function makeTables(pool: pg.Pool): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query("select pg_advisory_xact_lock(hashtext('prescale tables'))")
    await client.query(tables)
    await client.query('commit')
  } finally {
    client.release()
  }
}
