import { allowedRegions } from '../allowed-regions.ts'
import type { Settings } from '../schema.ts'
import { fault, type Finding, regionNames } from './finding.ts'

/** Bounds on nodes must leave at least one fleet that keeps them all. */
export function nodeBounds(settings: Settings): readonly Finding[] {
  return settings.workloads.flatMap((workload, at) => {
    const { min, max, minPerRegion, maxPerRegion } = workload.nodes
    const place = ['workloads', at, 'nodes'] as const
    const regions = allowedRegions(settings, workload).length
    const regionsPlace = [['workloads', at, 'regions'], ...regionNames(settings)]
    const findings: Finding[] = []
    if (min > max) findings.push(fault([...place, 'min'], `is ${min}, above max ${max}`, [[...place, 'max']]))
    if (minPerRegion > maxPerRegion) {
      findings.push(
        fault([...place, 'minPerRegion'], `is ${minPerRegion}, above maxPerRegion ${maxPerRegion}`, [[...place, 'maxPerRegion']]),
      )
    }
    if (findings.length > 0 || regions === 0) return findings
    if (minPerRegion * regions > max) {
      const message = `is ${minPerRegion} in each of ${regions} regions, together ${minPerRegion * regions}, above max ${max}`
      findings.push(fault([...place, 'minPerRegion'], message, [[...place, 'max'], ...regionsPlace]))
    }
    if (maxPerRegion * regions < min) {
      const message = `is ${maxPerRegion} in each of ${regions} regions, together ${maxPerRegion * regions}, below min ${min}`
      findings.push(fault([...place, 'maxPerRegion'], message, [[...place, 'min'], ...regionsPlace]))
    }
    if (max === 0) findings.push(fault([...place, 'max'], 'is 0: no demand could be served'))
    return findings
  })
}

/** Spot alone cannot be held to a smaller share than all. */
export function spotBounds(settings: Settings): readonly Finding[] {
  return settings.workloads.flatMap((workload, at) =>
    workload.spotShare < 1 && workload.options.every((option) => option === 'spot')
      ? [
          fault(['workloads', at, 'spotShare'], `is ${workload.spotShare}, expected 1 where spot is the only purchase option`, [
            ['workloads', at, 'options'],
          ]),
        ]
      : [],
  )
}
