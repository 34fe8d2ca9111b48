import { existsSync, globSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import type { Settings } from '../../config/schema.ts'
import { type Check, type CheckResult, type Examination, fail, ok, warn } from './check.ts'
import { influxResults } from './influx.ts'

/** Where demand is read from, as far as a question or two can tell. */
export const historyCheck: Check = {
  name: 'history',
  look: async (examination) => {
    const settings = examination.configuration?.settings
    if (settings === undefined) return []
    const { history } = settings
    switch (history.source) {
      case 'influx2':
        return influxResults(history, settings, examination)
      case 'csv':
      case 'line-protocol':
        return history.paths.map((pattern) => fileResult(pattern, settings, examination))
      default:
        return history satisfies never
    }
  },
}

function fileResult(pattern: string, settings: Settings, { settingsFile, now }: Examination): CheckResult {
  const files = filesOf(pattern, dirname(settingsFile))
  if (files.length === 0) {
    if (settings.sandbox !== undefined)
      return warn('history', `${pattern} matches no file yet: the sandbox has not run`, 'prescale history, or prescale demo')
    return fail('history', `${pattern} matches no file`, 'mend history.paths in prescale.yaml, or write the files')
  }
  const empty = files.filter((file) => statSync(file).size === 0)
  if (empty.length === files.length) return fail('history', `every file of ${pattern} is empty`, 'write samples into them')
  const newest = Math.max(...files.map((file) => statSync(file).mtimeMs / 1000))
  const found = `${files.length} file${files.length === 1 ? '' : 's'} of ${pattern}`
  // The sandbox has a clock of its own; its files are as old as its last run.
  return settings.sandbox === undefined && now() - newest > settings.historyLimits.maxAge
    ? warn(
        'history',
        `${found}, last written ${minutes(now() - newest)} ago (limit ${minutes(settings.historyLimits.maxAge)})`,
        'look at what writes them: counts are held while demand is stale',
      )
    : ok('history', found)
}

function filesOf(pattern: string, folder: string): readonly string[] {
  const absolute = isAbsolute(pattern) ? pattern : join(folder, pattern)
  return existsSync(absolute) ? [absolute] : globSync(absolute)
}

/** @returns `41 min` */
export function minutes(seconds: number): string {
  return `${Math.round(seconds / 60)} min`
}
