import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Check, type CheckResult, fail, ok, warn } from './check.ts'

/** What prescale writes into. */
const folders = ['forecasts', 'stacks', '.prescale'] as const
/** Below this, a cycle may not find room for its records. */
const leastFreeMegabytes = 200

export const foldersCheck: Check = {
  name: 'folders',
  look: async ({ root }) => {
    const wrong = folders.flatMap((folder) => unwritable(join(root, folder), folder))
    if (wrong.length > 0) return wrong
    const { bavail, bsize } = statfsSync(root)
    const free = Math.floor((bavail * bsize) / 2 ** 20)
    if (free < leastFreeMegabytes)
      return [warn('folders', `${free} MB are free where ${root} is`, `make room: at least ${leastFreeMegabytes} MB`)]
    return [ok('folders', `${folders.join(', ')} can be written`)]
  },
}

/** @returns a failure when neither the folder nor, where it is missing, what would hold it can be written */
function unwritable(folder: string, name: string): readonly CheckResult[] {
  const holder = existsSync(folder) ? folder : dirname(folder)
  if (!existsSync(holder)) return [fail(`folder ${name}`, `${holder} is not there`, `mkdir -p ${holder}`)]
  if (!statSync(holder).isDirectory()) return [fail(`folder ${name}`, `${holder} is a file`, `move ${holder} away`)]
  try {
    accessSync(holder, constants.W_OK | constants.X_OK)
    return []
  } catch {
    return [fail(`folder ${name}`, `${holder} cannot be written`, `chmod u+wx ${holder}`)]
  }
}
