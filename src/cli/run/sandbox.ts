import { resetSandbox } from '../../app/reset-sandbox.ts'
import type { SandboxCloud } from '../../sandbox/sandbox-cloud.ts'
import { poolName } from '../../domain/pool.ts'
import { exitCodes, type ExitCode } from '../../domain/problem.ts'
import { durationSeconds, refuseDuration } from '../duration.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, type Output, outputFor } from '../output.ts'
import { sandboxLines } from '../render/sandbox.ts'

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const { sandbox } = project
  if (sandbox === undefined) return refuse('this project’s clouds are real: prescale.yaml has no sandbox', 'prescale status')
  const output = outputFor(invocation)
  const [action, target, count] = invocation.positionals
  switch (action) {
    case 'status':
      break
    case 'advance': {
      const seconds = target === undefined ? undefined : durationSeconds(target)
      if (seconds === undefined) return refuseDuration(target, 'prescale sandbox advance 1h')
      await sandbox.advance(seconds)
      break
    }
    case 'set': {
      const pool = sandbox.liveCounts(project.settings.regions).pools.find((one) => poolName(one) === target)
      if (pool === undefined) return refuse(`the sandbox has no pool ${target ?? ''}`, 'prescale status')
      if (count === undefined || !/^\d+$/.test(count)) return refuse(`${count ?? 'nothing'} is not a count of nodes`, 'prescale sandbox set <pool> 5')
      sandbox.setDesired({ cloud: pool.cloud, region: pool.region, group: pool.group }, Number(count))
      break
    }
    case 'reset':
      await resetSandbox(project, sandbox)
      break
    default:
      return refuse(`sandbox cannot ${action ?? ''}; it can status, advance, set, reset`, invocation.command.example)
  }
  tell(output, sandbox)
  return exitCodes.done
}

function tell(output: Output, sandbox: SandboxCloud): void {
  const summary = sandbox.summary()
  output.document(summary)
  output.lines([...sandboxLines(summary), nextLine('prescale reconcile', 'prescale sandbox advance 1h')])
}

function refuse(message: string, next: string): ExitCode {
  process.stderr.write(`error usage: ${message}\n  next: ${next}\n`)
  return exitCodes.badInput
}
