/**
 * Plans generated problems with the command line, process start included, and prints for each what it took and how far the plan is from its bound, beside
 * the whole linear relaxation by native HiGHS and a greedy autoscaler per region.
 *     node bench/plan/compare.ts [--sizes s,m,l] [--seeds 1,2,3] [--python python3]
 * The native column stays empty where Python has no highspy.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import type { PlannedFile } from '../../src/app/plan-file.ts'
import type { PlanDocument } from '../../src/plan/documents/plan-document.ts'
import { checkPlan } from './check-plan.ts'
import { generateInstance, instanceSizes } from './generate-instance.ts'
import type { InstanceShape } from './generate-instance.ts'
import { greedyUsd } from './greedy.ts'

const shapes: Readonly<Record<string, InstanceShape>> = {
  derate: { derate: true, tight: false, committed: false },
  each: { derate: false, tight: false, committed: false },
  'tight-each': { derate: false, tight: true, committed: false },
  commit: { derate: true, tight: false, committed: true },
}
const greedyTarget = 0.6

const { values: { sizes, seeds, python } } = parseArgs({
  options: { sizes: { type: 'string', default: 's,m,l' }, seeds: { type: 'string', default: '1,2,3' }, python: { type: 'string', default: 'python3' } },
})
const run = promisify(execFile)
const prescale = fileURLToPath(new URL('../../bin/prescale.mjs', import.meta.url))
const nativeBound = fileURLToPath(new URL('native-bound.py', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'prescale-bench-'))

async function nativeCpu(file: string): Promise<string> {
  try {
    const { stdout } = await run(python, [nativeBound, file])
    const { usd, cpuSeconds } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { usd: number; cpuSeconds: number }
    return `${cpuSeconds.toFixed(1).padStart(7)} ${usd.toFixed(2).padStart(10)}`
  } catch {
    return ' '.repeat(18)
  }
}

try {
  console.log('instance             wall s  CPU s   MiB   cost USD  bound USD  gap %  faults  native s  bound USD  greedy  with headroom')
  for (const size of sizes.split(',') as (keyof typeof instanceSizes)[]) {
    for (const seed of seeds.split(',').map(Number)) {
      for (const [shape, what] of Object.entries(shapes)) {
        const instance = generateInstance(`${size}-${seed}-${shape}`, instanceSizes[size], what, seed)
        const [file, out] = [join(directory, 'instance.json'), join(directory, 'plan.json')]
        writeFileSync(file, JSON.stringify(instance))
        const began = performance.now()
        const { stdout } = await run(process.execPath, [prescale, 'plan', '--problem', file, '--out', out, '--json'])
        const wallSeconds = (performance.now() - began) / 1000
        const planned = JSON.parse(stdout) as PlannedFile
        const { faults, shortages, totalUsd } = checkPlan(instance, JSON.parse(readFileSync(out, 'utf8')) as PlanDocument)
        console.log([
          instance.name?.padEnd(20), wallSeconds.toFixed(2).padStart(7), planned.cpuSeconds.toFixed(2).padStart(6), String(planned.peakMemoryMib).padStart(5),
          totalUsd.toFixed(2).padStart(10), (planned.lowerBound ?? NaN).toFixed(2).padStart(10), (planned.gapPercent ?? NaN).toFixed(3).padStart(6),
          String(faults.length + shortages.length).padStart(7), ` ${await nativeCpu(file)}`,
          (greedyUsd(instance, greedyTarget, 'nothing') / totalUsd).toFixed(2).padStart(7), (greedyUsd(instance, greedyTarget, 'own-headroom') / totalUsd).toFixed(2).padStart(14),
        ].join(' '))
      }
    }
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
