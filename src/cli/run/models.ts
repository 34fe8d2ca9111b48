import { reproduceForecasts } from '../../app/forecast-records.ts'
import { modelLines, pinVersion, rollBack, showVersion, unpinVersion } from '../../app/models.ts'
import { exitCodes, type ExitCode } from '../../domain/problem.ts'
import type { CommandRun } from '../main.ts'
import { projectOf } from '../open-project.ts'
import { nextLine, outputFor } from '../output.ts'
import { lineTables, reproductionLines, versionLines } from '../render/models.ts'

export const run: CommandRun = async (invocation, signal) => {
  const project = await projectOf(invocation, signal)
  const output = outputFor(invocation)
  const [action = 'list', name] = invocation.positionals
  switch (action) {
    case 'list': {
      const lines = modelLines(project)
      output.document({ lines })
      output.lines([...lineTables(lines), nextLine('prescale models show <version>', 'prescale models rollback')])
      return exitCodes.done
    }
    case 'rollback': {
      const steps = rollBack(project, name)
      output.document({ rolledBack: steps })
      output.lines([...steps.map(({ line, version, replaced }) => `v${version.number} is in force again instead of v${replaced}: ${line}`), nextLine('prescale forecast')])
      return exitCodes.done
    }
    case 'verify': {
      const again = await reproduceForecasts(project)
      output.document(again)
      output.lines(reproductionLines(again))
      return again.kind === 'same' ? exitCodes.done : exitCodes.error
    }
    case 'show':
    case 'pin':
    case 'unpin':
      break
    default:
      return refuse(`models cannot ${action}; it can list, show, pin, unpin, rollback, verify`, invocation.command.example)
  }
  if (name === undefined) return refuse(`${action} needs a version, such as v3`, 'prescale models')
  if (action === 'show') {
    const report = showVersion(project, name)
    output.document(report)
    output.lines(versionLines(report))
  } else {
    const version = action === 'pin' ? pinVersion(project, name) : unpinVersion(project, name)
    output.document({ [action]: version })
    const what = action === 'pin' ? 'is used, and nothing is trained anew, until it is unpinned' : 'is no longer pinned'
    output.lines([`v${version.number} ${what}: ${version.line}`, nextLine('prescale forecast')])
  }
  return exitCodes.done
}

function refuse(message: string, next: string): ExitCode {
  process.stderr.write(`error usage: ${message}\n  next: ${next}\n`)
  return exitCodes.badInput
}
