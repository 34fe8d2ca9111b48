import { existsSync, lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** Where npm links the commands of packages; ours are linked beside them, so that `npx` finds the engine too. */
export const commandFolder = join(root, 'node_modules', '.bin')

/** What takes long to make is kept here, outside the checkout, for every checkout of the user. */
export const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'prescale')

/** The oldest Node that runs TypeScript unbuilt. */
const oldestNode = [22, 18]

/** @returns the Node that runs prescale: the one npm installed, else the one running now if it is new enough */
export function runtimeNode() {
  const installed = join(commandFolder, 'node')
  if (existsSync(installed)) return installed
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > (oldestNode[0] ?? 0) || (major === oldestNode[0] && minor >= (oldestNode[1] ?? 0)) ? process.execPath : undefined
}

/**
 * @param {string} command
 * @returns {string | undefined} the first executable of that name on PATH, those linked into the checkout left out
 */
export function onPath(command) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder === '' || resolve(folder) === commandFolder) continue
    const file = join(folder, command)
    const found = statSync(file, { throwIfNoEntry: false })
    if (found?.isFile() && (found.mode & 0o111) !== 0) return file
  }
  return undefined
}

/**
 * Points `link` at `target`, in one step, so that another process never sees it missing.
 * @param {string} target
 * @param {string} link
 */
export function linkTo(target, link) {
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() && readlinkSync(link) === target) return
  mkdirSync(dirname(link), { recursive: true })
  const fresh = `${link}.${process.pid}`
  rmSync(fresh, { force: true })
  symlinkSync(target, fresh)
  renameSync(fresh, link)
}

/**
 * Links a tool of the cache beside the commands of packages.
 * @param {string} file
 * @param {string} command
 */
export function linkCommand(file, command) {
  linkTo(file, join(commandFolder, command))
}

/** Takes a link away that an earlier run made, so that what is on PATH is found. @param {string} command */
export function unlinkCommand(command) {
  rmSync(join(commandFolder, command), { force: true })
}
