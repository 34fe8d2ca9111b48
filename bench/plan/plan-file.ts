import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import type { InstanceDocument } from '../../src/plan/documents/instance-document.ts'
import { planInstance } from '../../src/plan/plan-instance.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'

/** node bench/plan/plan-file.ts --problem INSTANCE.json[.gz] [--out PLAN.json]: plans one instance and prints cost, bound, gap, time and memory as JSON. */
const { values } = parseArgs({ options: { problem: { type: 'string' }, out: { type: 'string' } } })
if (values.problem === undefined) throw new Error('--problem is missing')
const bytes = readFileSync(values.problem)
const document = JSON.parse((values.problem.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')) as InstanceDocument
const { plan, ...figures } = planInstance(document, await loadSolver())
if (values.out !== undefined) writeFileSync(values.out, JSON.stringify(plan))
const cpu = process.cpuUsage()
console.log(JSON.stringify({
  instance: document.name, ...figures,
  wallSeconds: Math.round(performance.now()) / 1000,
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
  rssMb: Math.round(process.resourceUsage().maxRSS / 1024),
}))
