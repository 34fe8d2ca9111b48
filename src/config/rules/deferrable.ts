import { regionName } from '../../domain/pool.ts'
import { allowedRegions } from '../allowed-regions.ts'
import { cronFault, isAlwaysOpen } from '../cron-window.ts'
import { durationText } from '../duration-text.ts'
import type { DeferrableSettings, Settings } from '../schema.ts'
import { isTimeZone } from '../time-zone.ts'
import { fault, type Finding } from './finding.ts'

/** Deferrable work names what exists, fits its window, and waits for nothing that waits for it. */
export function deferrable(settings: Settings): readonly Finding[] {
  const names = settings.deferrable.map(({ name }) => name)
  return settings.deferrable.flatMap((work, at): Finding[] => {
    const path = ['deferrable', at]
    const workload = settings.workloads.find(({ name }) => name === work.workload)
    const allowed = workload === undefined ? [] : allowedRegions(settings, workload).map(regionName)
    const unknown = work.after.flatMap((name, index) => (names.includes(name) ? [] : [fault([...path, 'after', index], `${name} is no deferrable work of this file, expected one of ${names.join(', ')}`)]))
    return [
      ...(names.indexOf(work.name) === at ? [] : [fault([...path, 'name'], `${work.name} stands twice, first at deferrable[${names.indexOf(work.name)}].name`)]),
      ...(workload !== undefined ? [] : [fault([...path, 'workload'], `${work.workload} is not a workload, expected one of ${settings.workloads.map(({ name }) => name).join(', ')}`, [['workloads']])]),
      ...(workload === undefined ? [] : (work.regions ?? []).flatMap((region, index) => (allowed.includes(region)
        ? []
        : [fault([...path, 'regions', index], `${region} may not serve ${work.workload}, expected one of ${allowed.join(', ')}`, [['workloads'], ['regions']])]))),
      ...unknown,
      ...(unknown.length === 0 && waitsForItself(settings.deferrable, work) ? [fault([...path, 'after'], `${work.name} waits for itself in the end`, [['deferrable']])] : []),
      ...windowFindings(work, path),
    ]
  })
}

function waitsForItself(all: readonly DeferrableSettings[], work: DeferrableSettings): boolean {
  const seen = new Set<string>()
  const waiting = [...work.after]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === work.name) return true
    if (seen.has(name)) continue
    seen.add(name)
    waiting.push(...(all.find((other) => other.name === name)?.after ?? []))
  }
  return false
}

function windowFindings(work: DeferrableSettings, path: readonly (string | number)[]): Finding[] {
  const { cron, timeZone, within, atLeast = 0, atMost = Infinity, amount, maxUnits, name } = work
  if (!isTimeZone(timeZone)) return [fault([...path, 'timeZone'], `is ${JSON.stringify(timeZone)}, expected an IANA time zone such as Europe/Berlin`)]
  const window = { cron, timeZone, lasts: within, reason: name }
  const wrong = cronFault(window)
  if (wrong !== undefined) return [fault([...path, 'cron'], wrong, [[...path, 'timeZone']])]
  const longest = Math.min(within, atMost)
  return [
    ...(isAlwaysOpen(window) ? [fault([...path, 'within'], `is ${durationText(within)}: the next run may begin before this one must be done`, [[...path, 'cron']])] : []),
    ...(atLeast > longest ? [fault([...path, 'atLeast'], `is ${durationText(atLeast)}, above the ${durationText(longest)} that it may take`, [[...path, 'within']])] : []),
    ...(amount > (maxUnits * longest) / 3600 + 1e-9 ? [fault([...path, 'amount'], `is ${amount}, above the ${(maxUnits * longest) / 3600} that maxUnits allows within ${durationText(longest)}`, [[...path, 'maxUnits'], [...path, 'within']])] : []),
  ]
}
