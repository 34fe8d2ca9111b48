import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

export interface Postgres extends AsyncDisposable {
  /** For any client, from any process of this machine. */
  readonly url: string
  /** Ends the server; what it held is lost. */
  stop(): Promise<void>
}

/** Postgres itself, compiled to WebAssembly, in memory, behind a socket. */
export async function aPostgres(): Promise<Postgres> {
  const database = await PGlite.create()
  const server = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port: 0, maxConnections: 50 })
  await server.start()
  const stop = async (): Promise<void> => {
    await server.stop()
    await database.close()
  }
  return { url: `postgres://postgres:postgres@${server.getServerConn()}/postgres?sslmode=disable`, stop, [Symbol.asyncDispose]: stop }
}
