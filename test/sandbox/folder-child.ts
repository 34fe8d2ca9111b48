// A process of its own that works on a folder of simulated clouds: node folder-child.ts <folder> <task> [argument]
import { join } from 'node:path'
import { createResource } from '../../src/sandbox/cloud-calls.ts'
import { holdingLock } from '../../src/sandbox/folder-lock.ts'
import { StateFolder } from '../../src/sandbox/state-folder.ts'
import { scope } from './a-world.ts'

const [directory = '', task = '', argument = ''] = process.argv.slice(2)
const folder = new StateFolder(directory, () => 0)

switch (task) {
  case 'records':
    for (let number = 0; number < 15; number += 1) {
      const inputs = { zoneId: 'Z1', name: `${argument}-${number}`, type: 'A' }
      folder.change((state, world) => createResource(state, world, 'aws:route53/record:Record', inputs, scope))
    }
    break
  case 'advance':
    for (let turn = 0; turn < Number(argument); turn += 1) {
      folder.advance(900, () => undefined)
      process.stdout.write('.')
    }
    break
  case 'hold':
    holdingLock(join(directory, 'lock.db'), () => {
      process.stdout.write('.')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })
    break
  default:
    throw new Error(`no task ${task}`)
}
