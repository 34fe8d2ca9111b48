import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cachedFolder } from './cached-folder.mjs'
import { outputOf, runLogged } from './command.mjs'
import { goBuild, needed, pinnedGoTool } from './go-tool.mjs'
import { cacheFolder, linkCommand, onPath, unlinkCommand } from './places.mjs'
import { SetUpError } from './set-up-error.mjs'

const source = 'github.com/influxdata/influxdb/v2/cmd/influxd'
const flux = 'github.com/influxdata/flux'

/** @returns {Promise<{ version: string, file: string } | undefined>} the user's own InfluxDB 2 server */
async function ownInfluxd() {
  const file = onPath('influxd')
  if (file === undefined) return undefined
  const version = /^InfluxDB v?(2\.\d+\.\d+)/.exec((await outputOf(file, ['version'])) ?? '')?.[1]
  return version === undefined ? undefined : { version, file }
}

/**
 * The server is Go around a Rust library (flux), which its Go side finds by asking pkg-config. The library is built first, and a script
 * answers in pkg-config's place, so neither pkg-config nor the makers' wrapper of it is needed.
 * @param {string} folder
 * @param {ReturnType<typeof pinnedGoTool>} pinned
 * @param {string} log
 */
async function build(folder, pinned, log) {
  const orElse = 'or put influxd 2.x on PATH, then try again'
  const what = 'building the InfluxDB server that the tests use'
  const go = needed('go', what, `install Go 1.26 or newer (https://go.dev/dl), ${orElse}`)
  const cargo = needed('cargo', what, `install Rust (https://rustup.rs), ${orElse}`)
  needed(process.env.CC?.split(' ')[0] ?? 'gcc', what, `install a C compiler (on Debian: apt-get install g++), ${orElse}`)
  const next = `mend what the log shows, ${orElse}`
  const run = { log, cwd: pinned.folder, env: goBuild.env, next }
  await runLogged(go, ['mod', 'download', flux], { ...run, what: 'downloading the sources of InfluxDB' })
  const sources = await outputOf(go, ['list', '-mod=readonly', '-m', '-f', '{{.Dir}}', flux], { cwd: pinned.folder, env: goBuild.env })
  if (sources === undefined || sources === '') throw new SetUpError(`${flux} was downloaded but go does not find it`, { next, log })
  const library = join(sources, 'libflux')
  const work = join(folder, 'work')
  mkdirSync(work)
  await runLogged(cargo, ['build', '--release', '--locked', '--package', 'flux', '--manifest-path', join(library, 'Cargo.toml'), '--target-dir', work], {
    ...run,
    cwd: work,
    // the library forbids warnings, and newer compilers have more of them; optimising across crates takes long and changes nothing here
    env: { RUSTFLAGS: `${process.env.RUSTFLAGS ?? ''} --cap-lints warn`.trim(), CARGO_PROFILE_RELEASE_LTO: 'off' },
    what: 'building libflux',
  })
  const linked = join(work, 'linked')
  mkdirSync(linked)
  renameSync(join(work, 'release', 'libflux.a'), join(linked, 'libflux.a'))
  const answers = join(work, 'pkg-config')
  writeFileSync(
    answers,
    `#!/bin/sh
case " $* " in
  *" --cflags "*) echo '-I${join(library, 'include')}' ;;
  *" --libs "*) echo '-L${linked} -lflux -lm${process.platform === 'linux' ? ' -ldl' : ''}' ;;
esac
`,
  )
  chmodSync(answers, 0o755)
  const file = join(folder, 'influxd')
  const flags = ['-tags', 'sqlite_foreign_keys,sqlite_json', '-ldflags', `-s -w -X main.version=v${pinned.version}`]
  await runLogged(go, [...goBuild.args, ...flags, '-o', file, source], {
    ...run,
    env: { ...goBuild.env, PKG_CONFIG: answers, CGO_ENABLED: '1' },
    what: `building influxd ${pinned.version}`,
  })
  rmSync(work, { recursive: true, force: true })
}

/**
 * A real InfluxDB 2 server for the tests: the user's own, else the cached one, else built.
 * @param {import('./progress.mjs').Step} step
 * @param {Promise<unknown>} packages settles when node_modules is complete
 * @returns {Promise<{ version: string, file: string }>}
 * @throws {SetUpError}
 */
export async function findInfluxd(step, packages) {
  const own = await ownInfluxd()
  if (own !== undefined) {
    await packages
    unlinkCommand('influxd')
    return own
  }
  const pinned = pinnedGoTool('influxd', 'github.com/influxdata/influxdb/v2')
  const folder = join(cacheFolder, 'influxd', pinned.key)
  await cachedFolder(
    folder,
    async (partial) => {
      step.begin(`building influxd ${pinned.version} with Go and Rust`, '4 to 10 min')
      const log = join(cacheFolder, 'logs', `influxd-${pinned.version}.log`)
      rmSync(log, { force: true })
      await build(partial, pinned, log)
    },
    () => step.begin('waiting for another process that is building influxd'),
  )
  await packages
  linkCommand(join(folder, 'influxd'), 'influxd')
  return { version: pinned.version, file: join(folder, 'influxd') }
}
