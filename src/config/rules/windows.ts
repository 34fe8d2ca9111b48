import type { DocumentPath } from '../../documents/read-yaml.ts'
import { regionName } from '../../domain/pool.ts'
import { allowedRegions } from '../allowed-regions.ts'
import { cronFault, isAlwaysOpen } from '../cron-window.ts'
import { durationText } from '../duration-text.ts'
import type { Settings, WindowSettings } from '../schema.ts'
import { isTimeZone } from '../time-zone.ts'
import { fault, type Finding } from './finding.ts'

/** Freezes and maintenance open at times that exist, close again, and leave the workload a region. */
export function windows(settings: Settings): readonly Finding[] {
  return settings.workloads.flatMap((workload, at) => [
    ...workload.freezes.flatMap((window, index) => windowFindings(window, ['workloads', at, 'freezes', index])),
    ...workload.maintenance.flatMap((window, index) => {
      const place = ['workloads', at, 'maintenance', index]
      const left = allowedRegions(settings, workload).filter((region) => !window.regions.includes(regionName(region)))
      return [
        ...windowFindings(window, place),
        ...(left.length > 0
          ? []
          : [
              fault([...place, 'regions'], `leaves ${workload.name} no region while the window is open`, [
                ['workloads', at, 'regions'],
                ['regions'],
              ]),
            ]),
      ]
    }),
  ])
}

function windowFindings(window: WindowSettings, place: DocumentPath): Finding[] {
  const zone = [...place, 'timeZone']
  if (!isTimeZone(window.timeZone))
    return [fault(zone, `is ${JSON.stringify(window.timeZone)}, expected an IANA time zone such as Europe/Berlin`)]
  const wrong = cronFault(window)
  if (wrong !== undefined) return [fault([...place, 'cron'], wrong, [zone])]
  if (!isAlwaysOpen(window)) return []
  return [
    fault([...place, 'lasts'], `is ${durationText(window.lasts)}: the window opens again before it closes, and so never closes`, [
      [...place, 'cron'],
    ]),
  ]
}
