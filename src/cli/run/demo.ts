import { type CycleOptions, type CycleOutcome, runCycle } from '../../app/cycle.ts'
import { exitCodeOf } from '../../app/outcome.ts'
import { type Project, projectNow } from '../../app/project.ts'
import { exitCodes, type ExitCode } from '../../domain/problem.ts'
import { applyOptions } from '../apply-options.ts'
import { durationSeconds, refuseDuration } from '../duration.ts'
import { textOption } from '../arguments.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, type Output, outputFor, title } from '../output.ts'
import { cycleLine, stepLines, verdictCounts } from '../render/cycle.ts'
import { dayAndTime, usd } from '../render/figures.ts'
import { sandboxLines } from '../render/sandbox.ts'

/** A cycle every hour: the strategic beat. */
const beatSeconds = 3600

export const run: CommandRun = async (invocation, signal) => {
  const fastForward = textOption(invocation, 'fast-forward')
  const seconds = fastForward === undefined ? 0 : durationSeconds(fastForward)
  if (seconds === undefined) return refuseDuration(fastForward, invocation.command.example)
  const project = await projectOf(invocation, signal)
  const { sandbox } = project
  if (sandbox === undefined) {
    process.stderr.write('error usage: the demo runs on simulated clouds: prescale.yaml has no sandbox\n  next: prescale reconcile\n')
    return exitCodes.badInput
  }
  const output = outputFor(invocation)
  output.lines([`${title('prescale')}  ${project.settings.workloads.length} workloads, ${project.settings.regions.length} regions of simulated clouds, ${dayAndTime(projectNow(project))}`, ''])
  const before = sandbox.summary().usdPerHour
  const outcome = await runCycle(project, { apply: applyOptions(invocation), preview: 'shown' }, (event) => output.lines(stepLines(event)))
  const outcomes = [outcome, ...(await runFastForward(project, applyOptions(invocation), seconds, output))]
  output.document({ cycles: outcomes.map((one) => ({ plan: one.plan.plan.id, written: one.plan.written, verdicts: one.applied.map(({ stack, verdict }) => ({ stack, verdict })) })), sandbox: sandbox.summary() })
  output.lines([
    title('summary'),
    ...(outcome.applied.every(({ run: ran }) => ran === undefined) && outcome.plan.written.length === 0 ? ['nothing moved: forecasts, plan and stacks are as they were'] : []),
    `stacks   ${verdictCounts(outcomes.at(-1)?.applied ?? [])}`,
    `cost     ${usd(before)} -> ${usd(sandbox.summary().usdPerHour)} $/h`,
    ...sandboxLines(sandbox.summary()),
    '',
    nextLine('npx prescale status', 'npx prescale explain aws/us-east-1/web', 'git diff forecasts stacks'),
    nextLine('npm start -- --fast-forward 24h', 'eval "$(npx prescale env)" && pulumi preview -s sandbox.aws-us-east-1'),
  ])
  return worst(outcomes)
}

/** Lets the sandbox live on, a cycle at the start of every hour, as a scheduled job would. */
async function runFastForward(project: Project, apply: CycleOptions['apply'], seconds: number, output: Output): Promise<readonly CycleOutcome[]> {
  const { sandbox, world } = project
  if (seconds === 0 || sandbox === undefined) return []
  output.lines([title(`fast forward ${seconds / 3600} h, a cycle every hour`)])
  const untilSeconds = projectNow(project) + seconds
  const outcomes: CycleOutcome[] = []
  for (;;) {
    const next = (Math.floor((projectNow(project) - project.settings.historyLimits.settle) / beatSeconds) + 1) * beatSeconds + project.settings.historyLimits.settle
    if (next > untilSeconds) break
    world.signal.throwIfAborted()
    await sandbox.advance(next - projectNow(project))
    const outcome = await runCycle(project, { apply, preview: 'left-out' }, () => undefined)
    outcomes.push(outcome)
    output.lines([cycleLine(next, outcome)])
  }
  await sandbox.advance(Math.max(0, untilSeconds - projectNow(project)))
  output.lines([''])
  return outcomes
}

function worst(outcomes: readonly CycleOutcome[]): ExitCode {
  return exitCodeOf(outcomes.flatMap(({ applied }) => applied))
}
