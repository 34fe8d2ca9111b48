import { join } from 'node:path'
import type { Coordination } from '../../src/domain/coordination.ts'
import { FileLeases } from '../../src/reconcile/lease.ts'
import { localProcesses } from '../../src/reconcile/stack-lock.ts'
import { FileCoordination } from '../../src/store/file-coordination.ts'
import { FileStore } from '../../src/store/file-store.ts'

/** @returns coordination of this process with others that open the same folder */
export function aFileCoordination(directory: string): Coordination {
  const leases = (folder: string): FileLeases => new FileLeases(join(directory, folder), localProcesses)
  const claim = { pid: process.pid, host: localProcesses.host, purpose: 'test', sinceSeconds: Math.floor(Date.now() / 1000 - process.uptime()) }
  return new FileCoordination(new FileStore(join(directory, 'store')), leases('leases'), leases('records'), claim)
}
