import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onPath, root } from './places.mjs'
import { SetUpError } from './set-up-error.mjs'

/**
 * @param {string} tool folder under tools/ with a go.mod and go.sum
 * @param {string} module whose version names the tool
 * @returns {{ folder: string, version: string, key: string }} version without `v`; key changes with every pin of the tool
 */
export function pinnedGoTool(tool, module) {
  const folder = join(root, 'tools', tool)
  const mod = readFileSync(join(folder, 'go.mod'), 'utf8')
  const version = mod.split('\n').map((line) => line.trim().replace(/^require /, '').split(' ')).find(([name]) => name === module)?.[1]?.slice(1)
  if (version === undefined) throw new Error(`tools/${tool}/go.mod does not require ${module}`)
  const pins = createHash('sha256').update(mod).update(readFileSync(join(folder, 'go.sum'))).digest('hex').slice(0, 8)
  return { folder, version, key: `${version}-${pins}` }
}

/**
 * @param {string} command
 * @param {string} what it is needed for
 * @param {string} next how to get it, or to do without
 * @returns its path
 * @throws {SetUpError} when it is not on PATH
 */
export function needed(command, what, next) {
  const found = onPath(command)
  if (found === undefined) throw new SetUpError(`${command} is not on PATH; it is needed for ${what}`, { next })
  return found
}

/** Environment and flags of every Go build here: exactly the pinned modules, whatever the user's Go settings are. */
export const goBuild = {
  args: ['build', '-mod=readonly', '-buildvcs=false'],
  env: { GOWORK: 'off' },
}
