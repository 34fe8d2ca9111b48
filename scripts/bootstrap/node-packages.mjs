import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runLogged } from './command.mjs'
import { underLock } from './lock.mjs'
import { cacheFolder, linkCommand, root } from './places.mjs'
import { SetUpError } from './set-up-error.mjs'

/** @typedef {{ version?: string, optional?: boolean, devOptional?: boolean, link?: boolean }} LockedPackage */

/** @param {string} file @returns {Record<string, LockedPackage> | undefined} packages by path; undefined when the file is missing or broken */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

/**
 * @param {Record<string, LockedPackage>} locked of package-lock.json
 * @param {Record<string, LockedPackage> | undefined} installed of the record npm keeps in node_modules
 * @returns {boolean} every package that must be there is there in its pinned version, and no other is
 */
export function isInstalled(locked, installed) {
  if (installed === undefined) return false
  const missing = Object.entries(locked).some(
    ([path, { version, optional, devOptional }]) => path !== '' && optional !== true && devOptional !== true && installed[path]?.version !== version,
  )
  const strange = Object.entries(installed).some(([path, { version }]) => locked[path]?.version !== version)
  return !missing && !strange
}

async function runNpm() {
  const log = join(cacheFolder, 'logs', 'npm-ci.log')
  rmSync(log, { force: true })
  const npm = process.env.npm_execpath
  const command = npm === undefined ? 'npm' : process.execPath
  const args = ['ci', '--no-audit', '--no-fund']
  await runLogged(command, npm === undefined ? args : [npm, ...args], { log, cwd: root, what: 'npm ci', next: 'mend what the log shows, then run npm ci' })
}

/**
 * The packages of package-lock.json, exactly. prescale's own command is linked beside theirs, so that `npx prescale` runs this checkout.
 * @param {import('./progress.mjs').Step} step
 * @returns {Promise<void>}
 * @throws {SetUpError} when npm fails
 */
export async function installPackages(step) {
  const locked = packagesOf(join(root, 'package-lock.json'))
  if (locked === undefined) throw new SetUpError('package-lock.json is missing or broken', { next: 'git checkout package-lock.json' })
  const complete = () => isInstalled(locked, packagesOf(join(root, 'node_modules', '.package-lock.json')))
  if (!complete()) {
    const locks = join(cacheFolder, 'locks')
    mkdirSync(locks, { recursive: true })
    const lock = join(locks, createHash('sha256').update(root).digest('hex').slice(0, 16))
    await underLock(
      lock,
      async () => {
        if (complete()) return
        step.begin('npm ci', 'half a minute to 2 min')
        await runNpm()
      },
      () => step.begin('waiting for another process that is installing packages'),
    )
  }
  linkCommand('../../bin/prescale.mjs', 'prescale')
}
