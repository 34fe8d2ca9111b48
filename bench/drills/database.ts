import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

/** Program: Postgres on a folder, behind a port of this machine, until it is killed. Arguments: folder, port. */
const [folder = '', port = '0'] = process.argv.slice(2)
const database = await PGlite.create(folder)
const server = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port: Number(port), maxConnections: 50 })
await server.start()
process.stdout.write(`${server.getServerConn()}\n`)
