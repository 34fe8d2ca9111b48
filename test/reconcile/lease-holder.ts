import { appendFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { FileLeases } from '../../src/reconcile/lease.ts'
import { localProcesses } from '../../src/reconcile/stack-lock.ts'

/** Program of the race test: takes the lease as often as it is told, writing when it holds it; `stay` holds it until it is killed. */
const [directory = '', log = '', times = '0'] = process.argv.slice(2)
const claim = { pid: process.pid, host: hostname(), purpose: 'race', sinceSeconds: Math.floor(Date.now() / 1000 - process.uptime()) }
const leases = new FileLeases(directory, localProcesses)

if (times === 'stay') {
  const answer = await leases.take('stack', claim, undefined)
  process.stdout.write(`${answer.kind}\n`)
  setInterval(() => {}, 1000)
} else {
  for (let taken = 0; taken < Number(times); ) {
    const answer = await leases.take('stack', claim, undefined)
    if (answer.kind === 'held') continue
    appendFileSync(log, `in ${process.pid} ${answer.lease.token}\n`)
    appendFileSync(log, `out ${process.pid} ${answer.lease.token}\n`)
    await answer.lease.release()
    taken += 1
  }
}
