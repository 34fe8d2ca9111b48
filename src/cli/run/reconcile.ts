import { type CycleOutcome, type Cycles, openCycles, runCycle } from '../../app/cycle.ts'
import { nextMoments, onSchedule } from '../../app/on-schedule.ts'
import { exitCodeOf } from '../../app/outcome.ts'
import { type Project, projectNow } from '../../app/project.ts'
import { processWorld } from '../../app/world.ts'
import { rfc3339 } from '../../domain/grid.ts'
import { type ExitCode, exitCodes, Problem } from '../../domain/problem.ts'
import { applyOptions } from '../apply-options.ts'
import { type Invocation, textOption } from '../arguments.ts'
import type { CommandRun } from '../main.ts'
import { narratorFor } from '../narrator.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, outputFor, styled } from '../output.ts'
import { cycleLine } from '../render/cycle.ts'
import { planTable, plannedNodes } from '../render/plan.ts'
import { appliedTable } from '../render/stacks.ts'
import { appliedDocument } from './apply.ts'

export const run: CommandRun = (invocation, signal) => {
  const cron = textOption(invocation, 'schedule')
  return cron === undefined ? runOnce(invocation, signal) : stay(invocation, signal, cron)
}

async function runOnce(invocation: Invocation, signal: AbortSignal): Promise<ExitCode> {
  const output = outputFor(invocation)
  const project = await projectOf(invocation, signal)
  const { startedSeconds, outcome, changed } = await cycle(project, invocation)
  output.document(cycleDocument(startedSeconds, outcome))
  if (changed) output.lines([...planTable(outcome.plan.plan, plannedNodes(outcome.plan.states)), '', ...appliedTable(outcome.applied), ''])
  output.lines([cycleLine(startedSeconds, outcome), ...(changed ? [nextLine('prescale status')] : [])])
  const code = exitCodeOf(outcome.applied)
  return code === exitCodes.done && changed && invocation.options['detailed-exitcode'] === true ? exitCodes.changesPresent : code
}

/** What is shown of the schedule before the first run. */
const shownRuns = 5

/** Runs cycles until it is told to end; one that fails is told and does not end the others. */
async function stay(invocation: Invocation, signal: AbortSignal, cron: string): Promise<ExitCode> {
  const recurrence = { cron, timeZone: textOption(invocation, 'time-zone') ?? 'UTC' }
  const world = processWorld(narratorFor(process.stderr), signal)
  const json = invocation.options['json'] === true
  const tell = (document: unknown, line: string): void => void process.stdout.write(`${json ? JSON.stringify(document) : line}\n`)
  const first = nextMoments(recurrence, world.now(), shownRuns)
  if (!json) process.stdout.write(`a cycle at each of ${cron} (${recurrence.timeZone}); the next: ${first.map(rfc3339).join(', ')}\n`)
  // a project that cannot be opened at all is told at once, not at the first run
  await projectOf(invocation, signal)
  const cycles = openCycles()
  await onSchedule(world, recurrence, async ({ dueSeconds, skipped }) => {
    if (skipped > 0) world.narrator.warn(`${skipped} runs were left out: the cycle before took longer`)
    try {
      // settings may have changed since the last cycle
      const { startedSeconds, outcome } = await cycle(await projectOf(invocation, signal), invocation, cycles.run)
      tell({ due: rfc3339(dueSeconds), ...cycleDocument(startedSeconds, outcome), exitCode: exitCodeOf(outcome.applied) }, cycleLine(startedSeconds, outcome))
    } catch (error) {
      if (signal.aborted) return
      const failure = error instanceof Problem ? { code: error.code, message: error.message, next: error.next, exitCode: error.exitCode } : { code: 'unexpected', message: String(error), next: 'prescale doctor', exitCode: exitCodes.error }
      tell({ due: rfc3339(dueSeconds), error: failure }, `${rfc3339(dueSeconds).slice(0, 16).replace('T', ' ')}  ${styled('red', `error ${failure.code}`)}: ${failure.message}  next: ${failure.next}`)
    }
  }).finally(cycles.close)
  return exitCodes.done
}

interface Cycle {
  readonly startedSeconds: number
  readonly outcome: CycleOutcome
  /** Whether a file was written or the engine was started. */
  readonly changed: boolean
}

async function cycle(project: Project, invocation: Invocation, run: Cycles['run'] = runCycle): Promise<Cycle> {
  const startedSeconds = projectNow(project)
  const outcome = await run(project, { apply: applyOptions(invocation), preview: 'left-out' }, () => undefined)
  return { startedSeconds, outcome, changed: outcome.applied.some(({ run: ran }) => ran !== undefined) || outcome.plan.written.length > 0 }
}

function cycleDocument(at: number, { plan, applied }: CycleOutcome): object {
  return { at, plan: plan.plan.id, written: plan.written, stacks: applied.map(appliedDocument) }
}
