import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { type Configuration, loadConfiguration, type NamedText } from '../../config/load-settings.ts'
import { faultLine, Problem } from '../../domain/problem.ts'
import { type CheckResult, type DoctorContext, fail, ok, warn } from './check.ts'

const name = 'configuration'

/** Loads settings and catalogue: every other check wants to know what is to be checked. */
export function examineConfiguration(context: DoctorContext): {
  configuration: Configuration | undefined
  results: readonly CheckResult[]
} {
  const { settingsFile, root } = context
  const read = (path: string): NamedText => ({ text: readFileSync(path, 'utf8'), file: relative(root, path) })
  try {
    const configuration = loadConfiguration(read(settingsFile), (path) => read(join(dirname(settingsFile), path)))
    const { settings, catalogue, warnings } = configuration
    const counts = [
      counted(settings.workloads.length, 'workload'),
      counted(settings.regions.length, 'region'),
      `${counted(catalogue.types.length, 'instance type')} of ${catalogue.date}`,
    ].join(', ')
    const results =
      warnings.length === 0
        ? [ok(name, counts)]
        : [warn(name, `${counts}\n${warnings.map(faultLine).join('\n')}`, 'mend the lines above, or live with them')]
    return { configuration, results }
  } catch (error) {
    return { configuration: undefined, results: [failure(error, context)] }
  }
}

function failure(error: unknown, { settingsFile, root }: DoctorContext): CheckResult {
  if (error instanceof Problem) return fail(name, error.message, 'mend the lines above')
  const { code, path } = error as NodeJS.ErrnoException
  if (code === undefined || path === undefined) throw error
  const file = relative(root, path)
  if (code !== 'ENOENT') return fail(name, `${file} cannot be read (${code})`, `chmod u+r ${file}`)
  return fail(
    name,
    `${file} is not there`,
    path === settingsFile ? 'prescale init' : 'prescale init writes a catalogue; `catalogue` in prescale.yaml names the file',
  )
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
