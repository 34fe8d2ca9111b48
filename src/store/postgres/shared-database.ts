import pg from 'pg'
import { Problem } from '../../domain/problem.ts'

/** What statements are given to: a connection, or any of several. */
export interface Statements {
  query<Row extends pg.QueryResultRow>(statement: string, values?: unknown[]): Promise<pg.QueryResult<Row>>
}

/** More would wait for each other: a command asks one thing at a time. */
const mostConnections = 4

/**
 * Classes of SQLSTATE that speak of the database and not of the statement: connection, resources, operator, system.
 * @see PostgreSQL documentation, appendix A, error codes
 */
const lostClasses = new Set(['08', '53', '57', '58'])

/** The database that copies of prescale share. Where it stops answering, that is a problem; what a statement did wrong stays an error. */
export class SharedDatabase implements Statements {
  readonly #pool: pg.Pool

  /** @param url  `postgres://user:password@host/database` */
  constructor(url: string) {
    this.#pool = new pg.Pool({ connectionString: url, max: mostConnections, allowExitOnIdle: true, connectionTimeoutMillis: 10_000, application_name: 'prescale' })
    // a connection that breaks while idle is replaced by the next query
    this.#pool.on('error', () => undefined)
  }

  /** @throws Problem `coordination-lost` */
  query<Row extends pg.QueryResultRow>(statement: string, values?: unknown[]): Promise<pg.QueryResult<Row>> {
    return answered(this.#pool.query<Row>(statement, values))
  }

  /** All of the work is done, or nothing of it. @throws Problem `coordination-lost`, and what the work throws */
  async transaction<Result>(work: (client: Statements) => Promise<Result>): Promise<Result> {
    const client = await answered(this.#pool.connect())
    const statements: Statements = { query: (statement, values) => answered(client.query(statement, values)) }
    // without a listener, a connection that breaks between two statements would end the process
    client.on('error', ignore)
    try {
      await statements.query('begin')
      const result = await work(statements)
      await statements.query('commit')
      return result
    } catch (error) {
      await client.query('rollback').catch(ignore)
      throw error
    } finally {
      client.off('error', ignore)
      client.release()
    }
  }

  end(): Promise<void> {
    return this.#pool.end()
  }
}

function ignore(): void {}

async function answered<Result>(answer: Promise<Result>): Promise<Result> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof pg.DatabaseError && !lostClasses.has((error.code ?? '').slice(0, 2))) throw error
    // the client's message names host and port, never the address with its password
    throw new Problem('coordination-lost', { reason: reasonOf(error) }, { cause: error })
  }
}

/** A refused connection to several addresses has no message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
