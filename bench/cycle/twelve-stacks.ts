// What a cycle over 12 stacks costs when nothing is to change, beside the engine's own `pulumi up` of the same stacks, and what
// `--help` costs beside `node -e 0`. Run: npm run set-up && node_modules/.bin/node bench/cycle/twelve-stacks.ts
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const repetitions = 5

/** Regions beside those of the demo, and the zones they have. */
const moreRegions = [
  ['aws', 'us-east-2', ['us-east-2a', 'us-east-2b', 'us-east-2c']],
  ['aws', 'ca-central-1', ['ca-central-1a', 'ca-central-1b', 'ca-central-1d']],
  ['gcp', 'europe-west4', ['europe-west4-a', 'europe-west4-b', 'europe-west4-c']],
  ['gcp', 'asia-east1', ['asia-east1-a', 'asia-east1-b', 'asia-east1-c']],
  ['azure', 'uksouth', ['1', '2', '3']],
  ['azure', 'westus2', ['1', '2', '3']],
] as const

const directory = mkdtempSync(join(tmpdir(), 'prescale-bench-'))
const env = { ...process.env, NO_COLOR: '1', PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env['PATH'] ?? ''}` }

function twelveRegionProject(): void {
  for (const name of ['node_modules', 'src', 'package.json']) symlinkSync(join(root, name), join(directory, name))
  for (const name of ['data', 'index.ts', 'Pulumi.yaml', 'prescale.yaml', 'catalogue.yaml']) cpSync(join(root, name), join(directory, name), { recursive: true })
  const edit = (name: string, change: (text: string) => string): void => writeFileSync(join(directory, name), change(readFileSync(join(directory, name), 'utf8')))
  const quota = 'quotaVcpu: { on-demand: 512, spot: 256 }'
  const line = ([cloud, region, zones]: (typeof moreRegions)[number], launch: string): string =>
    `  - { cloud: ${cloud}, region: ${region}, zones: [${zones.map((zone) => `'${zone}'`).join(', ')}], ${quota}${launch} }\n`
  const launchOf = (region: (typeof moreRegions)[number]): string => (region[0] === 'azure' ? `, launch: { resourceGroup: sandbox-${region[1]} }` : '')
  edit('prescale.yaml', (text) => text.replace(/^workloads:/m, `${moreRegions.map((region) => line(region, launchOf(region))).join('')}\nworkloads:`))
  const groups = moreRegions.filter(([cloud]) => cloud === 'azure').map(([, region]) => `  - type: azure-native:resources:ResourceGroup\n    inputs: { resourceGroupName: sandbox-${region}, location: ${region} }\n`)
  edit('data/scenario.yaml', (text) => `${text.replace(/^# What a user has/m, `${moreRegions.map((region) => line(region, '')).join('')}\n# What a user has`).trimEnd()}\n${groups.join('')}`)
}

interface Cost {
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

/** Runs a command to its end, its children included in the processor time. */
function measured(command: string, words: readonly string[], expected = 0): Cost {
  const began = performance.now()
  const ended = spawnSync('/usr/bin/time', ['-f', '%U %S', command, ...words], { cwd: directory, env, encoding: 'utf8' })
  const wallSeconds = (performance.now() - began) / 1000
  if (ended.status !== expected) throw new Error(`${command} ${words.join(' ')} ended with ${ended.status}: ${ended.stdout}${ended.stderr}`)
  const [user = 0, system = 0] = ended.stderr.trim().split('\n').at(-1)?.split(' ').map(Number) ?? []
  return { cpuSeconds: user + system, wallSeconds }
}

function median(costs: readonly Cost[]): string {
  const middle = (pick: (cost: Cost) => number): string => (costs.map(pick).sort((a, b) => a - b)[Math.floor(costs.length / 2)] ?? Number.NaN).toFixed(2)
  return `${middle((cost) => cost.cpuSeconds)} s CPU, ${middle((cost) => cost.wallSeconds)} s wall`
}

const repeat = (run: () => Cost): readonly Cost[] => Array.from({ length: repetitions }, run)
const prescale = (...words: readonly string[]): Cost => measured(process.execPath, [join(root, 'bin', 'prescale.mjs'), ...words])

try {
  twelveRegionProject()
  const first = prescale('reconcile', '--json')
  const stacks = readdirSync(join(directory, 'stacks')).filter((name) => !name.startsWith('Pulumi.')).map((name) => name.replace(/\.yaml$/, ''))
  process.stdout.write(`first cycle, ${stacks.length} stacks created: ${median([first])}\n`)
  prescale('reconcile', '--json')
  process.stdout.write(`cycle with nothing to change: ${median(repeat(() => prescale('reconcile', '--json')))}\n`)
  const engineEnv = spawnSync(process.execPath, [join(root, 'bin', 'prescale.mjs'), 'env', '--json'], { cwd: directory, env, encoding: 'utf8' })
  const { PATH: _path, ...settings } = JSON.parse(engineEnv.stdout) as Record<string, string>
  Object.assign(env, settings)
  const ups = stacks.map((stack) => measured('pulumi', ['up', '--yes', '--skip-preview', '--non-interactive', '--expect-no-changes', '--stack', `sandbox.${stack}`]))
  const total = ups.reduce((sum, cost) => ({ cpuSeconds: sum.cpuSeconds + cost.cpuSeconds, wallSeconds: sum.wallSeconds + cost.wallSeconds }))
  process.stdout.write(`the engine's own up of the ${stacks.length} stacks, one after another, nothing to change: ${median([total])}\n`)
  process.stdout.write(`prescale --help: ${median(repeat(() => prescale('--help')))}\nnode -e 0: ${median(repeat(() => measured(process.execPath, ['-e', '0'])))}\n`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
