import type { Coordination, Lease, Leases } from '../../domain/coordination.ts'
import { PostgresLeases, type ProvenDead } from './postgres-leases.ts'
import { SharedDatabase, type Statements } from './shared-database.ts'
import { tableNames, tables } from './tables.ts'

/** What copies of prescale on many machines share, in one database. */
export class PostgresCoordination implements Coordination {
  readonly leases: Leases
  readonly #database: SharedDatabase
  readonly #project: string

  private constructor(database: SharedDatabase, project: string, isDead: ProvenDead, heartbeatSeconds: number | undefined) {
    this.#database = database
    this.#project = project
    this.leases = new PostgresLeases(database, project, isDead, heartbeatSeconds)
  }

  /**
   * Connects, and makes the tables where they are missing. A process may end without closing it.
   * @param url      `postgres://user:password@host/database`
   * @param project  name that keeps projects in one database apart
   * @param isDead   what is known of processes on this machine
   * @throws Problem `coordination-lost` when the database does not answer, and what the client throws for what it refuses
   */
  static async open(url: string, project: string, isDead: ProvenDead, heartbeatSeconds?: number): Promise<PostgresCoordination> {
    const database = new SharedDatabase(url)
    try {
      await makeTables(database)
    } catch (error) {
      await database.end()
      throw error
    }
    return new PostgresCoordination(database, project, isDead, heartbeatSeconds)
  }

  async read<Value>(name: string): Promise<Value | undefined> {
    const { rows } = await this.#database.query<{ value: Value }>('select value from prescale_records where project = $1 and name = $2', [this.#project, name])
    return rows[0]?.value
  }

  async readAll<Value>(folder: string): Promise<ReadonlyMap<string, Value>> {
    const { rows } = await this.#database.query<{ name: string; value: Value }>(
      'select name, value from prescale_records where project = $1 and starts_with(name, $2) order by name collate "C"',
      [this.#project, `${folder}/`],
    )
    return new Map(rows.map(({ name, value }) => [name.slice(folder.length + 1), value]))
  }

  change<Value>(name: string, next: (before: Value | undefined) => Value): Promise<Value> {
    return this.#database.transaction((client) => this.#change(client, name, next))
  }

  /** The row of the lease stays locked until the record is written: nobody takes the stack in between. */
  changeHeld<Value>({ stack, token }: Lease, name: string, next: (before: Value | undefined) => Value): Promise<'held' | 'lost'> {
    return this.#database.transaction(async (client) => {
      const { rowCount } = await client.query('select from prescale_leases where project = $1 and stack = $2 and token = $3 and not released for update', [this.#project, stack, token])
      if (rowCount !== 1) return 'lost'
      await this.#change(client, name, next)
      return 'held'
    })
  }

  async #change<Value>(client: Statements, name: string, next: (before: Value | undefined) => Value): Promise<Value> {
    const key = [this.#project, name]
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [key.join('/')])
    const { rows } = await client.query<{ value: Value }>('select value from prescale_records where project = $1 and name = $2', key)
    const value = next(rows[0]?.value)
    if (value === undefined) await client.query('delete from prescale_records where project = $1 and name = $2', key)
    else await client.query('insert into prescale_records (project, name, value) values ($1, $2, $3) on conflict (project, name) do update set value = excluded.value', [...key, JSON.stringify(value)])
    return value
  }

  async append(log: string, entry: unknown): Promise<void> {
    await this.#database.query('insert into prescale_log (project, log, entry) values ($1, $2, $3)', [this.#project, log, JSON.stringify(entry)])
  }

  async entries<Entry>(log: string, most: number): Promise<readonly Entry[]> {
    const { rows } = await this.#database.query<{ entry: Entry }>('select entry from prescale_log where project = $1 and log = $2 order by number desc limit $3', [
      this.#project,
      log,
      most,
    ])
    return rows.map(({ entry }) => entry).reverse()
  }

  forget(): Promise<void> {
    return this.#database.transaction(async (client) => {
      await client.query('delete from prescale_records where project = $1', [this.#project])
      await client.query('delete from prescale_log where project = $1', [this.#project])
    })
  }

  close(): Promise<void> {
    return this.#database.end()
  }
}

/** Two that make the tables at once would fail on each other. Where all are there, the right to make some is not needed. */
async function makeTables(database: SharedDatabase): Promise<void> {
  const { rows: missing } = await database.query('select name from unnest($1::text[]) name where to_regclass(name) is null', [tableNames])
  if (missing.length === 0) return
  await database.transaction(async (client) => {
    await client.query("select pg_advisory_xact_lock(hashtext('prescale tables'))")
    await client.query(tables)
  })
}
