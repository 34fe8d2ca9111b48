import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const types = { aws: 'm7g.xlarge', gcp: 'n2d-standard-4', azure: 'Standard_D4as_v4' } as const
const clouds = ['aws', 'gcp', 'azure'] as const
const workloads = ['web', 'dispatch', 'feed', 'batch'] as const

/** What a command cost, its children included. */
export interface Cost {
  readonly cpuSeconds: number
  readonly wallSeconds: number
  /** Largest of its processes, MiB. */
  readonly peakMib: number
}

/** A project of so many made-up regions, one stack each, with a group per workload in each, on simulated clouds. */
export class ManyStacksProject {
  readonly directory = mkdtempSync(join(tmpdir(), 'prescale-many-'))
  readonly stacks: readonly string[]
  readonly #workloads: readonly string[]
  #env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1', PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env['PATH'] ?? ''}` }

  constructor(stacks: number, groupsPerStack: number) {
    this.#workloads = workloads.slice(0, groupsPerStack)
    const regions = Array.from({ length: stacks }, (_, i) => ({ cloud: clouds[i % 3] ?? 'aws', region: `place-${i}`, latitude: 40 + (i % 10) / 10, longitude: -74 - i / 10 }))
    this.stacks = regions.map(({ cloud, region }) => `${cloud}-${region}`)
    for (const name of ['node_modules', 'src', 'package.json']) symlinkSync(join(root, name), join(this.directory, name))
    for (const name of ['index.ts', 'Pulumi.yaml']) cpSync(join(root, name), join(this.directory, name))
    mkdirSync(join(this.directory, 'data'))
    for (const name of ['nasa-http-1995.csv.gz']) symlinkSync(join(root, 'data', name), join(this.directory, 'data', name))
    const zones = (cloud: string, region: string): string => (cloud === 'azure' ? "['1', '2', '3']" : cloud === 'gcp' ? `[${region}-a, ${region}-b, ${region}-c]` : `[${region}a, ${region}b, ${region}c]`)
    this.#write('data/scenario.yaml', `seed: 1
start: 2026-01-26T13:05:00Z
historyDays: 9
traces: { nasa: { file: nasa-http-1995.csv.gz, stepSeconds: 300 } }
workloads:
${this.#workloads.map((name) => `  - { name: ${name}, trace: nasa, recordedAt: 1995-07-31T13:05:00Z, scale: 20, vcpuPerUnit: 0.02, userZones: [{ name: everywhere, share: 1, laterHours: 0 }] }`).join('\n')}
clouds:
${clouds.map((cloud) => `  ${cloud}: { orderSeconds: 10, bootSecondsMedian: 60, bootSeconds95: 120, drainSeconds: 60, spotInterruptionsPerNodeHour: 0, spotNoticeSeconds: 30 }`).join('\n')}
regions:
${regions.map(({ cloud, region }) => `  - { cloud: ${cloud}, region: ${region}, zones: ${zones(cloud, region)}, quotaVcpu: { on-demand: 10000, spot: 0 } }`).join('\n')}
existing:
${regions.filter(({ cloud }) => cloud === 'azure').map(({ region }) => `  - { type: 'azure-native:resources:ResourceGroup', inputs: { resourceGroupName: group-${region}, location: ${region} } }`).join('\n')}
`)
    this.#write('catalogue.yaml', `source: made up for a benchmark
date: 2026-01-01
licence: Apache-2.0
types:
${clouds.map((cloud) => `  - { cloud: ${cloud}, type: ${types[cloud]}, vcpu: 4, memoryGib: 16, usdPerHour: { ${regions.filter((one) => one.cloud === cloud).map(({ region }) => `${region}: { on-demand: 0.2 }`).join(', ')} } }`).join('\n')}
regions:
${regions.map(({ cloud, region, latitude, longitude }) => `  - { cloud: ${cloud}, region: ${region}, latitude: ${latitude}, longitude: ${longitude} }`).join('\n')}
`)
    this.#settings = (perRegion) => `name: many
history: { source: line-protocol, paths: [.prescale/sandbox/metrics/demand/*.lp] }
historyLimits: { window: 9d }
limits: { largestStep: { nodes: 1000 } }
sandbox: { scenario: data/scenario.yaml }
userZones: [{ name: everywhere, latitude: 40, longitude: -74 }]
regions:
${regions.map(({ cloud, region }) => `  - { cloud: ${cloud}, region: ${region}, zones: ${zones(cloud, region)}${cloud === 'azure' ? `, launch: { resourceGroup: group-${region} }` : ''} }`).join('\n')}
workloads:
${this.#workloads.map((name) => `  - { name: ${name}, unit: requests/s, demand: { measurement: http_requests, kind: count }, userZones: [everywhere], serves: { perUnit: { vcpu: 0.02 } }, options: [on-demand], nodes: { minPerRegion: ${perRegion}, max: 100000 } }`).join('\n')}
`
    this.settings(1)
  }

  readonly #settings: (perRegion: number) => string

  /** Every group wants at least so many nodes: another number changes every group. */
  settings(nodesPerGroup: number): void {
    this.#write('prescale.yaml', this.#settings(nodesPerGroup))
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text)
  }

  prescale(...words: readonly string[]): Cost {
    return this.measured(process.execPath, [join(root, 'bin', 'prescale.mjs'), ...words])
  }

  /** Takes on the environment with which `pulumi` finds the project. */
  asAShell(): void {
    const { stdout } = spawnSync(process.execPath, [join(root, 'bin', 'prescale.mjs'), 'env', '--json'], { cwd: this.directory, env: this.#env, encoding: 'utf8' })
    const { PATH: _path, ...settings } = JSON.parse(stdout) as Record<string, string>
    this.#env = { ...this.#env, ...settings }
  }

  /** Runs a command to its end. */
  measured(command: string, words: readonly string[]): Cost {
    const began = performance.now()
    const ended = spawnSync('/usr/bin/time', ['-f', '%U %S %M', command, ...words], { cwd: this.directory, env: this.#env, encoding: 'utf8', maxBuffer: 2 ** 28 })
    const wallSeconds = (performance.now() - began) / 1000
    if (ended.status !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${ended.status}: ${ended.stdout.slice(0, 2000)}${ended.stderr.slice(-2000)}`)
    const [user = 0, system = 0, peak = 0] = ended.stderr.trim().split('\n').at(-1)?.split(' ').map(Number) ?? []
    return { cpuSeconds: user + system, wallSeconds, peakMib: peak / 1024 }
  }

  end(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** @returns the sum of costs of commands that ran one after another */
export function together(costs: readonly Cost[]): Cost {
  return costs.reduce((sum, cost) => ({ cpuSeconds: sum.cpuSeconds + cost.cpuSeconds, wallSeconds: sum.wallSeconds + cost.wallSeconds, peakMib: Math.max(sum.peakMib, cost.peakMib) }))
}

/** @returns `1.23 s CPU, 0.98 s wall, 120 MiB` */
export function costText({ cpuSeconds, wallSeconds, peakMib }: Cost): string {
  return `${cpuSeconds.toFixed(2)} s CPU, ${wallSeconds.toFixed(2)} s wall, largest process ${peakMib.toFixed(0)} MiB`
}
