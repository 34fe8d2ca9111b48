import { appendFileSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Leases } from '../../src/domain/coordination.ts'
import { FileLeases } from '../../src/reconcile/lease.ts'
import { localProcesses } from '../../src/reconcile/stack-lock.ts'
import { PostgresCoordination } from '../../src/store/postgres/postgres-coordination.ts'

/**
 * Program of the race of two schedulers: for each round it takes the stack, applies the round's plan unless that was done, and lets go.
 * Arguments: folder for what is applied, rounds, address of a database or nothing for files.
 */
const [directory = '', rounds = '0', url = ''] = process.argv.slice(2)
const leases: Leases = url === '' ? new FileLeases(join(directory, 'leases'), localProcesses) : (await PostgresCoordination.open(url, 'race', () => false)).leases
const claim = { pid: process.pid, host: hostname(), purpose: 'race', sinceSeconds: Math.floor(Date.now() / 1000 - process.uptime()) }
const inside = join(directory, 'inside')

for (let round = 0; round < Number(rounds); round += 1) {
  const done = join(directory, `applied-${round}`)
  while (!existsSync(done)) {
    const answer = await leases.take('stack', claim, undefined)
    if (answer.kind === 'held') continue
    if (existsSync(inside)) appendFileSync(join(directory, 'overlaps'), `${round}\n`)
    writeFileSync(inside, '')
    if (!existsSync(done)) {
      appendFileSync(join(directory, 'log'), `${round} ${process.pid} ${answer.lease.token}\n`)
      writeFileSync(done, '')
    }
    rmSync(inside)
    await answer.lease.release()
  }
}
process.exit()
