import { appendFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { takeLease } from '../../src/reconcile/lease.ts'
import { localProcesses } from '../../src/reconcile/stack-lock.ts'

/** Program of the race test: takes the lease as often as it is told, writing when it holds it; `stay` holds it until it is killed. */
const [directory = '', log = '', times = '0'] = process.argv.slice(2)
const holder = { pid: process.pid, host: hostname(), purpose: 'race', sinceSeconds: Math.floor(Date.now() / 1000 - process.uptime()) }

if (times === 'stay') {
  const lease = takeLease(directory, 'stack', holder, localProcesses)
  process.stdout.write(`${lease.kind}\n`)
  setInterval(() => {}, 1000)
} else {
  for (let taken = 0; taken < Number(times); ) {
    const lease = takeLease(directory, 'stack', holder, localProcesses)
    if (lease.kind === 'held') continue
    appendFileSync(log, `in ${process.pid} ${lease.token}\n`)
    appendFileSync(log, `out ${process.pid} ${lease.token}\n`)
    lease.release()
    taken += 1
  }
}
