// What it costs to change 48 groups in 12 stacks, beside the engine's own `pulumi up` of the same changes one stack after another; and a cycle
// over 200 stacks with nothing to change. Run: npm run set-up && node_modules/.bin/node bench/cycle/change-groups.ts
import { costText, ManyStacksProject, together } from './many-stacks-project.ts'

const twelve = new ManyStacksProject(12, 4)
try {
  process.stdout.write(`first cycle, 12 stacks with 48 groups made: ${costText(twelve.prescale('reconcile', '--json'))}\n`)
  process.stdout.write(`cycle with nothing to change: ${costText(twelve.prescale('reconcile', '--json'))}\n`)
  twelve.settings(3)
  twelve.prescale('forecast')
  twelve.prescale('plan')
  const ours = twelve.prescale('apply', '--json')
  twelve.settings(5)
  twelve.prescale('forecast')
  twelve.prescale('plan')
  twelve.asAShell()
  const engine = together(twelve.stacks.map((stack) => twelve.measured('pulumi', ['up', '--yes', '--skip-preview', '--non-interactive', '--stack', `many.${stack}`])))
  process.stdout.write(`48 groups changed by prescale apply: ${costText(ours)}\n`)
  process.stdout.write(`48 groups changed by 12 runs of pulumi up: ${costText(engine)}\n`)
  process.stdout.write(`ratio: ${(ours.cpuSeconds / engine.cpuSeconds).toFixed(2)} of its CPU, ${(ours.wallSeconds / engine.wallSeconds).toFixed(2)} of its wall time\n`)
} finally {
  twelve.end()
}

const many = new ManyStacksProject(200, 1)
try {
  process.stdout.write(`first cycle, 200 stacks made: ${costText(many.prescale('reconcile', '--json'))}\n`)
  many.prescale('reconcile', '--json')
  process.stdout.write(`200 stacks, nothing to change: ${costText(many.prescale('reconcile', '--json'))}\n`)
} finally {
  many.end()
}
