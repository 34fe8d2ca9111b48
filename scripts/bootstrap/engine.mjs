import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cachedFolder } from './cached-folder.mjs'
import { outputOf, runLogged } from './command.mjs'
import { goBuild, needed, pinnedGoTool } from './go-tool.mjs'
import { cacheFolder, linkCommand, onPath, root, runtimeNode, unlinkCommand } from './places.mjs'

/** The oldest engine that runs everything used here; 3.255 brought policy packs that are programs of their own. */
const oldest = [3, 255, 0]
const commands = ['pulumi', 'pulumi-language-nodejs']
const installerUrl = 'https://get.pulumi.com/install.sh'
const reachableMs = 3_000
const installSeconds = 180

/** @param {string} version `v3.274.1` */
function isRecent(version) {
  const parts = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number)
  if (parts === undefined) return false
  const differs = oldest.findIndex((least, index) => parts[index] !== least)
  return parts[0] === oldest[0] && (differs < 0 || (parts[differs] ?? 0) > (oldest[differs] ?? 0))
}

/** @returns {Promise<{ version: string, folder: string } | undefined>} the user's own engine, when it is recent and has its Node language host */
async function ownEngine() {
  const pulumi = onPath('pulumi')
  if (pulumi === undefined) return undefined
  const folder = dirname(realpathSync(pulumi))
  if (!existsSync(join(folder, 'pulumi-language-nodejs')) && onPath('pulumi-language-nodejs') === undefined) return undefined
  const version = await outputOf(pulumi, ['version'], { env: { PULUMI_SKIP_UPDATE_CHECK: 'true' } })
  return version !== undefined && isRecent(version) ? { version: version.replace(/^v/, ''), folder: dirname(pulumi) } : undefined
}

/** @returns whether the makers' installer can be downloaded from here */
async function installerIsReachable() {
  try {
    return (await fetch(installerUrl, { method: 'HEAD', signal: AbortSignal.timeout(reachableMs) })).ok
  } catch {
    return false
  }
}

/**
 * @param {string} folder
 * @param {string} version
 * @param {string} log
 */
async function install(folder, version, log) {
  const program = `
    import { PulumiCommand } from '@pulumi/pulumi/automation/index.js'
    import { SemVer } from 'semver'
    await PulumiCommand.install({ root: process.argv[1], version: new SemVer(process.argv[2]) })`
  await runLogged(runtimeNode() ?? process.execPath, ['--input-type=module', '--eval', program, folder, version], {
    log, cwd: root, timeoutSeconds: installSeconds, what: 'the installer of the Pulumi engine', next: 'see the log',
  })
}

/**
 * @param {string} folder
 * @param {string} log
 */
async function build(folder, log) {
  const advice = 'install Go 1.26 or newer (https://go.dev/dl), or put pulumi 3.255 or newer with its Node language host on PATH, then try again'
  const go = needed('go', 'building the Pulumi engine', advice)
  mkdirSync(join(folder, 'bin'), { recursive: true })
  const builds = [
    { tool: 'pulumi', module: 'github.com/pulumi/pulumi/pkg/v3', source: 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi' },
    { tool: 'pulumi-language-nodejs', module: 'github.com/pulumi/pulumi/sdk/v3', source: 'github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs' },
  ]
  for (const { tool, module, source } of builds) {
    const pinned = pinnedGoTool(tool, module)
    const stamp = `github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${pinned.version}`
    await runLogged(go, [...goBuild.args, '-ldflags', `-s -w -X ${stamp}`, '-o', join(folder, 'bin', tool), source], {
      log, cwd: pinned.folder, env: goBuild.env, what: `building ${tool} ${pinned.version}`, next: advice,
    })
  }
}

/**
 * The Pulumi engine with its Node language host: the user's own, else the cached one, else installed the makers' way, else built.
 * @param {import('./progress.mjs').Step} step
 * @param {Promise<unknown>} packages settles when node_modules is complete
 * @returns {Promise<{ version: string, folder: string }>} folder: holds the engine and its language host
 * @throws {import('./set-up-error.mjs').SetUpError}
 */
export async function findEngine(step, packages) {
  const own = await ownEngine()
  if (own !== undefined) {
    await packages
    commands.forEach(unlinkCommand)
    return { version: own.version, folder: own.folder }
  }
  const cli = pinnedGoTool('pulumi', 'github.com/pulumi/pulumi/pkg/v3')
  const host = pinnedGoTool('pulumi-language-nodejs', 'github.com/pulumi/pulumi/sdk/v3')
  const pins = createHash('sha256').update(cli.key).update(host.key).digest('hex').slice(0, 8)
  const folder = join(cacheFolder, 'pulumi', `${cli.version}-${pins}`)
  const log = join(cacheFolder, 'logs', `pulumi-${cli.version}.log`)
  await cachedFolder(
    folder,
    async (partial) => {
      rmSync(log, { force: true })
      if (await installerIsReachable()) {
        step.begin(`installing Pulumi ${cli.version}`, 'half a minute')
        await packages
        const installed = await install(partial, cli.version, log).then(() => true, () => false)
        if (installed && commands.every((command) => existsSync(join(partial, 'bin', command)))) return
        rmSync(join(partial, 'bin'), { recursive: true, force: true })
      }
      step.begin(`building Pulumi ${cli.version} with Go`, '4 to 10 min')
      await build(partial, log)
    },
    () => step.begin('waiting for another process that is getting the Pulumi engine'),
  )
  await packages
  for (const command of commands) linkCommand(join(folder, 'bin', command), command)
  return { version: cli.version, folder: join(folder, 'bin') }
}
