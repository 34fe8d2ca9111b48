/**
 * Plans generated problems of a dozen to a hundred nodes, and lets native HiGHS look for whole nodes of the same model for so many seconds: how much dearer the
 * plan is than the best that was found there.
 *     node bench/plan/small-fleets.ts [--seeds 1,2,3] [--factors 0.03,0.1,0.3] [--seconds 600] [--python python3]
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { planInstance } from '../../src/plan/plan-instance.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'
import { checkPlan } from './check-plan.ts'
import { generateInstance, instanceSizes } from './generate-instance.ts'

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '1,2,3' }, factors: { type: 'string', default: '0.03,0.1,0.3' }, seconds: { type: 'string', default: '600' }, python: { type: 'string', default: 'python3' } },
})
const nativeBound = fileURLToPath(new URL('native-bound.py', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'prescale-bench-'))
const file = join(directory, 'instance.json')
try {
  const solver = await loadSolver()
  console.log('instance        nodes  faults   cost USD  native USD  native s  dearer %  over its bound %')
  for (const seed of values.seeds.split(',').map(Number)) {
    for (const factor of values.factors.split(',').map(Number)) {
      const instance = generateInstance(`s-${seed}-x${factor}`, { ...instanceSizes.s, demand: instanceSizes.s.demand * factor }, { derate: false, tight: false, committed: false }, seed)
      const { plan, peakNodes } = await planInstance(instance, solver, new AbortController().signal)
      const { faults, shortages, totalUsd } = checkPlan(instance, plan)
      writeFileSync(file, JSON.stringify(instance))
      const { stdout } = await promisify(execFile)(values.python, [nativeBound, file, '--whole', values.seconds])
      const { usd, boundUsd, cpuSeconds } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { usd: number; boundUsd: number; cpuSeconds: number }
      console.log([
        (instance.name ?? '').padEnd(14), String(peakNodes).padStart(6), String(faults.length + shortages.length).padStart(7), totalUsd.toFixed(3).padStart(10), usd.toFixed(3).padStart(11),
        cpuSeconds.toFixed(0).padStart(9), (100 * (totalUsd / usd - 1)).toFixed(3).padStart(9), (100 * (totalUsd / boundUsd - 1)).toFixed(2).padStart(17),
      ].join(' '))
    }
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
