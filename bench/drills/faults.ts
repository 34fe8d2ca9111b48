/**
 * Faults in the simulated clouds and around them, each with what is expected written beside it. `node bench/drills/faults.ts [name…]`; ends
 * with 1 when any drill differs from what was expected, or when prescale lowered what was needed.
 */
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { loadCatalogue } from '../../src/config/load-settings.ts'
import { SandboxCloud } from '../../src/sandbox/sandbox-cloud.ts'
import { ending, type Ended, SmallProject } from './small-project.ts'

const prescaleProgram = fileURLToPath(new URL('../../bin/prescale.mjs', import.meta.url))
const aws = { cloud: 'aws', region: 'us-east-1' } as const
const gcp = { cloud: 'gcp', region: 'us-central1' } as const

/** A project that has reached its first plan, its clouds at hand. */
class Drill {
  readonly project: SmallProject
  readonly cloud: SandboxCloud

  private constructor(project: SmallProject, cloud: SandboxCloud) {
    this.project = project
    this.cloud = cloud
  }

  static async begin(): Promise<Drill> {
    const project = new SmallProject()
    const first = await project.prescale('reconcile', '--json')
    if (first.code !== 0) throw new Error(`the first cycle ended with ${first.code}: ${first.stdout}${first.stderr}`)
    const catalogue = loadCatalogue(readFileSync(join(project.directory, 'catalogue.yaml'), 'utf8'), 'catalogue.yaml')
    const cloud = await SandboxCloud.open(join(project.directory, '.prescale', 'sandbox'), { scenarioFile: join(project.directory, 'data', 'scenario.yaml'), catalogue })
    return new Drill(project, cloud)
  }

  /** Nodes wanted by the clouds, of one region or all. */
  wanted(region?: { readonly cloud: string; readonly region: string }): number {
    return this.cloud
      .liveCounts([aws, gcp])
      .pools.filter((pool) => region === undefined || (pool.cloud === region.cloud && pool.region === region.region))
      .reduce((sum, pool) => sum + pool.desired, 0)
  }

  reconcile(): Promise<Ended> {
    return this.project.prescale('reconcile', '--json')
  }

  /** Demand that was not served since the start, events. */
  dropped(): number {
    return this.cloud.summary().service['web']?.dropped ?? 0
  }

  /** Demand since the start, events. */
  demanded(): number {
    return this.cloud.summary().service['web']?.demand ?? 0
  }

  store(name: string): string {
    return join(this.project.directory, '.prescale', name)
  }
}

/** What a drill saw: facts for people, and what was not as expected. */
interface Seen {
  readonly facts: string
  readonly wrong: readonly string[]
}

/** @returns a sentence when it is not so */
const expect = (isSo: boolean, otherwise: string): readonly string[] => (isSo ? [] : [otherwise])
const verdictsOf = ({ stdout }: Ended): readonly string[] =>
  ((JSON.parse(stdout) as { stacks?: { verdict: { kind: string } }[] }).stacks ?? []).map(({ verdict }) => verdict.kind)
const reasonsOf = (stdout: string): string => [...stdout.matchAll(/"(?:reason|message)": "([^"]*)"/g)].map(([, text]) => text).join('; ')
const codeOf = ({ stdout }: Ended): string => (JSON.parse(stdout) as { error?: { code: string } }).error?.code ?? ''

interface Fault {
  readonly name: string
  readonly expected: string
  readonly run: (drill: Drill) => Promise<Seen>
}

/** Ends a fault and sees the next cycle through. */
async function recovered(drill: Drill): Promise<readonly string[]> {
  const next = await drill.reconcile()
  return expect(next.code === 0, `the cycle after the fault ended with ${next.code}: ${next.stdout.slice(0, 300)}`)
}

export const faults: readonly Fault[] = [
  {
    name: 'insufficient capacity',
    expected: 'the stack without room is short and the exit code 3; the other is reached; nothing is lowered; all is reached once there is room',
    async run(drill) {
      const before = drill.wanted()
      drill.cloud.setFaults({ scarce: [{ ...aws, nodes: 0 }, { ...gcp, nodes: 1000 }] })
      drill.project.settings({ least: before + 12, more: '    regions: { prefer: [aws/us-east-1] }\n    preferencePercent: 60\n' })
      const ended = await drill.reconcile()
      const [lowest, verdicts] = [drill.wanted(), verdictsOf(ended)]
      drill.cloud.setFaults({ scarce: [] })
      await drill.project.prescale('sandbox', 'advance', '20m')
      return {
        facts: `exit ${ended.code}, ${verdicts.join(' and ')}, ${before} -> ${lowest} nodes wanted`,
        wrong: [...expect(ended.code === 3 && verdicts.includes('short'), 'not told as short'), ...expect(lowest >= before, 'lowered'), ...(await recovered(drill))],
      }
    },
  },
  {
    name: 'throttling',
    expected: 'every third call is refused as too frequent, and the cycle still reaches all: exit code 0',
    async run(drill) {
      drill.cloud.setFaults({ throttleEvery: 3 })
      drill.project.settings({ least: drill.wanted() + 6 })
      const ended = await drill.reconcile()
      drill.cloud.setFaults({ throttleEvery: 0 })
      return { facts: `exit ${ended.code}, ${verdictsOf(ended).join(' and ')}`, wrong: expect(ended.code === 0, ended.stdout.slice(0, 300)) }
    },
  },
  {
    name: 'quota',
    expected: 'a quota that the settings do not know leaves its stack short, exit code 3, nothing is lowered',
    async run(drill) {
      const before = drill.wanted()
      drill.project.settings({ least: 290, limits: '{ largestStep: { nodes: 1000, share: 20 } }', more: '    regions: { prefer: [aws/us-east-1] }\n    preferencePercent: 60\n' })
      const ended = await drill.reconcile()
      const verdicts = verdictsOf(ended)
      return { facts: `exit ${ended.code}, ${verdicts.join(' and ')}, ${before} -> ${drill.wanted()}`, wrong: [...expect(ended.code === 3, ended.stdout.slice(0, 300)), ...expect(drill.wanted() >= before, 'lowered')] }
    },
  },
  {
    name: 'zone loss',
    expected: 'nodes of the zone are gone and the others carry the load: the cloud replaces them elsewhere, no count is lowered, demand is served',
    async run(drill) {
      const [before, dropped, demanded] = [drill.wanted(), drill.dropped(), drill.demanded()]
      drill.cloud.setFaults({ lostZones: ['aws/us-east-1/us-east-1a'] })
      await drill.project.prescale('sandbox', 'advance', '10m')
      const ended = await drill.reconcile()
      await drill.project.prescale('sandbox', 'advance', '10m')
      return {
        facts: `exit ${ended.code}, ${before} -> ${drill.wanted()} nodes wanted, ${drill.dropped() - dropped} of ${drill.demanded() - demanded} events dropped`,
        wrong: [...expect(drill.wanted() >= before - 1, 'lowered'), ...expect(drill.dropped() === dropped, 'demand was dropped')],
      }
    },
  },
  {
    name: 'region loss',
    expected: 'the region’s stack fails and says so; what is left of the fleet is not lowered',
    async run(drill) {
      const before = drill.wanted(gcp)
      drill.cloud.setFaults({ lostRegions: ['aws/us-east-1'] })
      drill.project.settings({ least: drill.wanted() + 8 })
      const ended = await drill.reconcile()
      const after = drill.wanted(gcp)
      drill.cloud.setFaults({ lostRegions: [] })
      await drill.project.prescale('sandbox', 'advance', '10m')
      return { facts: `exit ${ended.code}, the other region ${before} -> ${after}`, wrong: [...expect(ended.code !== 0, 'said to be well'), ...expect(after >= before, 'lowered'), ...(await recovered(drill))] }
    },
  },
  {
    name: 'provider killed',
    expected: 'the engine’s run fails as one that may pass, is repeated in the same cycle and reaches all: exit code 0',
    async run(drill) {
      drill.project.settings({ least: drill.wanted() + 6 })
      drill.cloud.setFaults({ latencySeconds: 1 })
      const child = drill.project.start('reconcile', '--json')
      const ended = ending(child)
      let killed = 0
      while (killed === 0 && child.exitCode === null) {
        for (const pid of providersIn(drill.project.directory)) {
          process.kill(pid, 'SIGKILL')
          killed = pid
        }
        await wait(5)
      }
      drill.cloud.setFaults({ latencySeconds: 0 })
      const { code, stdout, stderr } = await ended
      return { facts: `exit ${code} ${stderr.trim()}`, wrong: [...expect(killed > 0, 'no provider was there to be killed'), ...expect(code === 0, reasonsOf(stdout))] }
    },
  },
  {
    name: 'state backend gone',
    expected: 'nothing is changed, the failure names the backend, and the cycle after it is back reaches all',
    async run(drill) {
      const before = drill.wanted()
      drill.project.settings({ least: before + 6 })
      const [here, away] = [drill.store('pulumi'), drill.store('pulumi-away')]
      renameSync(here, away)
      writeFileSync(here, 'no folder')
      const ended = await drill.reconcile()
      const during = drill.wanted()
      rmSync(here)
      renameSync(away, here)
      return { facts: `exit ${ended.code}, ${before} -> ${during} nodes wanted`, wrong: [...expect(ended.code === 1, `exit ${ended.code}: ${ended.stdout.slice(0, 200)}`), ...expect(during === before, 'changed'), ...(await recovered(drill))] }
    },
  },
  {
    name: 'disk full',
    expected: 'one error; every file is whole, old or new; nothing is lowered; the cycle after it reaches all',
    async run(drill) {
      const before = drill.wanted()
      await drill.project.prescale('sandbox', 'advance', '1h')
      // no file may grow beyond 16 KiB: what is longer cannot be written
      const child = spawn('bash', ['-c', `trap '' XFSZ; ulimit -f 16; exec "$0" "$@"`, process.execPath, prescaleProgram, 'reconcile', '--json'], {
        cwd: drill.project.directory, env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'],
      })
      const ended = await ending(child)
      const torn = ['forecasts', 'stacks'].flatMap((folder) => documentsIn(join(drill.project.directory, folder))).filter((file) => !readFileSync(file, 'utf8').endsWith('\n') && !file.endsWith('.svg'))
      return {
        facts: `exit ${ended.code}, ${before} -> ${drill.wanted()}`,
        wrong: [...expect(ended.code !== 0, 'said to be well'), ...expect(torn.length === 0, `torn: ${torn.join(', ')}`), ...expect(drill.wanted() >= before - 1, 'lowered'), ...(await recovered(drill))],
      }
    },
  },
  {
    name: 'clock jump',
    expected: 'a plan that a jump of the clock has made old is refused with exit code 6, and the next cycle plans anew',
    async run(drill) {
      drill.project.settings({ least: drill.wanted() + 6 })
      await drill.project.prescale('forecast')
      await drill.project.prescale('plan')
      await drill.project.prescale('sandbox', 'advance', '26h')
      const ended = await drill.project.prescale('apply', '--json')
      return { facts: `exit ${ended.code} ${codeOf(ended)}`, wrong: [...expect(ended.code === 6, ended.stdout.slice(0, 300)), ...(await recovered(drill))] }
    },
  },
  {
    name: '6 h of stale history',
    expected: 'counts are held and the exit code is 4; once demand arrives again the next cycle plans',
    async run(drill) {
      const before = drill.wanted()
      const folder = join(drill.store('sandbox'), 'metrics', 'demand')
      const kept = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
      const limit = (drill.cloud.now() - 6 * 3600) * 1e9
      for (const [name, text] of kept) writeFileSync(join(folder, name), text.split('\n').filter((line) => Number(line.split(' ').at(-1)) < limit).map((line) => `${line}\n`).join(''))
      const ended = await drill.reconcile()
      for (const [name, text] of kept) writeFileSync(join(folder, name), text)
      return { facts: `exit ${ended.code} ${codeOf(ended)}`, wrong: [...expect(ended.code === 4, ended.stdout.slice(0, 300)), ...expect(drill.wanted() === before, 'changed'), ...(await recovered(drill))] }
    },
  },
  {
    name: 'poisoned metrics',
    expected: 'values no demand can have lower nothing and raise no pool beyond its largest step',
    async run(drill) {
      const before = drill.wanted()
      const folder = join(drill.store('sandbox'), 'metrics', 'demand')
      const file = join(folder, readdirSync(folder).sort().at(-1) ?? '')
      const line = readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? ''
      const [head = '', , at = '0'] = line.split(' ')
      const poison = ['count=1e15', 'count=-5e9', 'count=0', 'count=1e15'].map((field, i) => `${head} ${field} ${BigInt(at) - BigInt(60e9 * i)}\n`)
      appendFileSync(file, poison.join(''))
      const ended = await drill.reconcile()
      return { facts: `exit ${ended.code}, ${before} -> ${drill.wanted()}`, wrong: [...expect(drill.wanted() >= before - 1, 'lowered'), ...expect(drill.wanted() <= before * 4, 'raised absurdly')] }
    },
  },
  {
    name: 'two schedulers',
    expected: 'of two cycles at once one changes each stack; the other ends with 0, or with 5 and the name of the holder; all is reached',
    async run(drill) {
      drill.project.settings({ least: drill.wanted() + 6 })
      const both = await Promise.all([drill.reconcile(), drill.reconcile()])
      const codes = both.map(({ code }) => code).sort()
      return { facts: `exits ${codes.join(' and ')}`, wrong: [...expect(codes[0] === 0 && codes.every((code) => code === 0 || code === 5 || code === 6), both.map(({ stdout }) => stdout.slice(0, 200)).join('\n')), ...(await recovered(drill))] }
    },
  },
  {
    name: 'a person changing counts by hand',
    expected: 'a raise by hand between plan and apply is kept, whatever else of the plan is applied',
    async run(drill) {
      drill.project.settings({ least: drill.wanted() + 6 })
      await drill.project.prescale('forecast')
      await drill.project.prescale('plan')
      const pool = drill.cloud.liveCounts([aws]).pools.find(({ desired, max }) => desired > 0 && desired < max)
      if (pool === undefined) return { facts: 'no pool could be raised', wrong: ['no pool'] }
      drill.cloud.setDesired({ ...aws, group: pool.group }, pool.max)
      const ended = await drill.project.prescale('apply', '--json')
      const kept = drill.wanted(aws)
      return { facts: `exit ${ended.code}, raised to ${pool.max}, then ${kept} in the region`, wrong: [...expect(ended.code === 0 || ended.code === 6, ended.stdout.slice(0, 300)), ...expect(kept >= pool.max, 'the raise was undone'), ...(await recovered(drill))] }
    },
  },
  {
    name: 'an autoscaler fighting back',
    expected: 'counts that something else raises after every cycle are never undercut by a plan that did not know them, and are told as drift',
    async run(drill) {
      const wrong: string[] = []
      const facts: string[] = []
      for (let round = 0; round < 3; round += 1) {
        const pool = drill.cloud.liveCounts([aws, gcp]).pools.find(({ desired, max }) => desired > 0 && desired < max)
        if (pool === undefined) break
        drill.cloud.setDesired(pool, pool.desired + 1)
        const status = await drill.project.prescale('status', '--json')
        wrong.push(...expect((JSON.parse(status.stdout) as { drifts: unknown[] }).drifts.length > 0, 'the raise is not told as drift'))
        const refused = await drill.project.prescale('apply', '--json')
        const now = drill.cloud.liveCounts([aws, gcp]).pools.find(({ group, region }) => group === pool.group && region === pool.region)?.desired ?? 0
        wrong.push(...expect(now >= pool.desired + 1, `apply lowered ${pool.group} to ${now}`))
        facts.push(`apply ${refused.code}`)
        const next = await drill.reconcile()
        wrong.push(...expect(next.code === 0 || next.code === 4, `cycle ${next.code}: ${next.stdout.slice(0, 200)}`))
      }
      return { facts: facts.join(', '), wrong }
    },
  },
  {
    name: 'SIGTERM in deploy',
    expected: 'the run is interrupted, exit code 130, no lock and no lease stay, and the next cycle completes it',
    async run(drill) {
      drill.project.settings({ least: drill.wanted() + 6 })
      drill.cloud.setFaults({ latencySeconds: 2 })
      const child = drill.project.start('reconcile', '--json')
      const ended = ending(child)
      while (child.exitCode === null && providersIn(drill.project.directory).length === 0) await wait(20)
      await wait(300)
      child.kill('SIGTERM')
      const { code } = await ended
      drill.cloud.setFaults({ latencySeconds: 0 })
      const locks = join(drill.store('pulumi'), '.pulumi', 'locks')
      const left = existsSync(locks) ? documentsIn(locks) : []
      return { facts: `exit ${code}`, wrong: [...expect(code === 130, 'not told as interrupted'), ...expect(left.length === 0, `locks: ${left.join(', ')}`), ...(await recovered(drill))] }
    },
  },
]

function documentsIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []))
}

/** @returns ids of the cloud providers that work for a project */
function providersIn(directory: string): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const isProvider = /sandbox\/provider\//.test(readFileSync(`/proc/${name}/cmdline`, 'utf8')) && readFileSync(`/proc/${name}/environ`, 'utf8').includes(directory)
      return isProvider ? [Number(name)] : []
    } catch {
      return []
    }
  })
}

/** Runs one drill on a project of its own. */
export async function runDrill(fault: Fault): Promise<Seen> {
  const drill = await Drill.begin()
  try {
    return await fault.run(drill)
  } finally {
    drill.project.end()
  }
}

if (import.meta.main) {
  const wanted = process.argv.slice(2)
  let bad = 0
  for (const fault of faults.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    const { facts, wrong } = await runDrill(fault).catch((error: unknown): Seen => ({ facts: '', wrong: [String(error)] }))
    bad += wrong.length > 0 ? 1 : 0
    process.stdout.write(`${wrong.length === 0 ? 'as expected' : 'DIFFERS    '}  ${fault.name}: ${facts}${wrong.map((line) => `\n    ${line}`).join('')}\n    expected: ${fault.expected}\n`)
  }
  process.exitCode = bad === 0 ? 0 : 1
}
