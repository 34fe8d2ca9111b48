import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** How a command ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The demo cut down to one workload in two clouds, so that a cycle takes seconds. */
export class SmallProject {
  readonly directory: string
  readonly #env: Readonly<Record<string, string>>

  /** @param databaseUrl  where leases, halts and approvals are kept; files if undefined */
  constructor(databaseUrl?: string) {
    this.directory = mkdtempSync(join(tmpdir(), 'prescale-drill-'))
    this.#env = databaseUrl === undefined ? {} : { PRESCALE_DATABASE_URL: databaseUrl }
    for (const name of ['node_modules', 'src', 'package.json']) symlinkSync(join(root, name), join(this.directory, name))
    for (const name of ['data', 'index.ts', 'Pulumi.yaml', 'catalogue.yaml']) cpSync(join(root, name), join(this.directory, name), { recursive: true })
    const scenario = join(this.directory, 'data', 'scenario.yaml')
    writeFileSync(scenario, readFileSync(scenario, 'utf8').replace(/^historyDays:.*$/m, 'historyDays: 9'))
    this.settings({})
  }

  /** Writes prescale.yaml: more nodes than needed are a change without a change of demand. */
  settings({ least = 2, regions = twoRegions, more = '', limits = '' }: { readonly least?: number; readonly regions?: readonly string[]; readonly more?: string; readonly limits?: string }): void {
    writeFileSync(
      join(this.directory, 'prescale.yaml'),
      `name: drill
history: { source: line-protocol, paths: [.prescale/sandbox/metrics/demand/*.lp], nodePaths: [.prescale/sandbox/metrics/nodes/*.lp] }
historyLimits: { window: 9d }
${this.#env['PRESCALE_DATABASE_URL'] === undefined ? '' : 'coordination: { store: postgres }\n'}sandbox: { scenario: data/scenario.yaml }
${limits === '' ? '' : `limits: ${limits}\n`}userZones:
  - { name: us-east, latitude: 40.71, longitude: -74.01 }
  - { name: us-central, latitude: 41.88, longitude: -87.63 }
  - { name: eu-west, latitude: 51.51, longitude: -0.13 }
regions:
${regions.map((region) => `  - ${region}\n`).join('')}workloads:
  - name: web
    unit: requests/s
    demand: { measurement: http_requests, kind: count }
    userZones: [us-east, us-central, eu-west]
    serves: { perUnit: { vcpu: 0.02 } }
    types: [m7g.xlarge, n2d-standard-4]
    options: [on-demand]
    nodes: { min: ${least}, minPerRegion: 1, max: 300 }
${more}`,
    )
  }

  start(...words: readonly string[]): ChildProcess {
    const env = { ...process.env, NO_COLOR: '1', ...this.#env }
    return spawn(process.execPath, [join(root, 'bin', 'prescale.mjs'), ...words], { cwd: this.directory, env, stdio: ['ignore', 'pipe', 'pipe'] })
  }

  prescale(...words: readonly string[]): Promise<Ended> {
    return ending(this.start(...words))
  }

  end(): void {
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 })
  }
}

const twoRegions = [
  '{ cloud: aws, region: us-east-1, zones: [us-east-1a, us-east-1b, us-east-1c] }',
  '{ cloud: gcp, region: us-central1, zones: [us-central1-a, us-central1-b, us-central1-c] }',
]

/** @returns how a command ends that was started already */
export async function ending(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}
