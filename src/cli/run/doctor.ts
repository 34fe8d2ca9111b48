import type { CheckResult } from '../../app/doctor/check.ts'
import { doctorContext } from '../../app/doctor/real-context.ts'
import { runDoctor } from '../../app/doctor/run-doctor.ts'
import { projectPlaces } from '../../app/project.ts'
import { processWorld } from '../../app/world.ts'
import { exitCodes } from '../../domain/problem.ts'
import type { CommandRun } from '../main.ts'
import { narratorFor } from '../narrator.ts'
import { textOption } from '../arguments.ts'
import { nextLine, outputFor, styled } from '../output.ts'

/** `prescale doctor` */
export const run: CommandRun = async (invocation, signal) => {
  const world = processWorld(narratorFor(process.stderr), signal)
  const options = { directory: textOption(invocation, 'project'), config: textOption(invocation, 'config') }
  const { root, settingsFile } = projectPlaces(world.cwd, options)
  const results = await runDoctor(doctorContext(world, root, settingsFile))
  const output = outputFor(invocation)
  output.document({ checks: results })
  const count = (status: CheckResult['status']): number => results.filter((result) => result.status === status).length
  output.lines([
    ...results.flatMap((result) => lines(result, Math.max(...results.map(({ name }) => name.length)))),
    '',
    `${count('ok')} well, ${count('warn')} to look at, ${count('fail')} to mend`,
    nextLine(count('fail') > 0 ? 'prescale doctor, when the lines marked ✗ are mended' : 'prescale history'),
  ])
  return count('fail') > 0 ? exitCodes.error : exitCodes.done
}

const marks = { ok: styled('green', '✓'), warn: styled('yellow', '!'), fail: styled('red', '✗') } as const

function lines({ name, status, found, mend }: CheckResult, nameWidth: number): readonly string[] {
  const [first = '', ...more] = found.split('\n')
  const indent = ' '.repeat(nameWidth + 4)
  return [
    `${marks[status]} ${name.padEnd(nameWidth)}  ${first}`,
    ...more.map((line) => `${indent}${line.trim()}`),
    ...(mend === undefined ? [] : [`${indent}${styled('dim', 'mend')}  ${mend}`]),
  ]
}
