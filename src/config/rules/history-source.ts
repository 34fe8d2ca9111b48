import type { Settings } from '../schema.ts'
import { isTimeZone } from '../time-zone.ts'
import { fault, type Finding } from './finding.ts'

/** The address of InfluxDB is one that can be asked, and holds no secret; times without an offset are in a zone that exists. */
export function historySource(settings: Settings): readonly Finding[] {
  const { history } = settings
  switch (history.source) {
    case 'influx2':
      return addressFindings(history.url)
    case 'csv':
      return isTimeZone(history.timeZone)
        ? []
        : [fault(['history', 'timeZone'], `is ${JSON.stringify(history.timeZone)}, expected an IANA time zone such as Europe/Berlin`)]
    case 'line-protocol':
      return []
    default:
      return history satisfies never
  }
}

function addressFindings(text: string): readonly Finding[] {
  const place = ['history', 'url']
  const url = URL.parse(text)
  if (url?.username !== undefined && url.username !== '') {
    return [
      fault(place, 'holds a user name or token, expected the address alone: the token is read from the environment (history.tokenEnv)'),
    ]
  }
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    return [fault(place, `is ${JSON.stringify(text)}, expected an address such as http://localhost:8086`)]
  if (url.search !== '' || url.hash !== '') return [fault(place, 'has a query or fragment, expected the address alone')]
  return []
}

/** Flux of one’s own is a question to InfluxDB only. */
export function fluxQueries(settings: Settings): readonly Finding[] {
  return settings.workloads.flatMap((workload, at) => {
    const { flux } = workload.demand
    if (flux === undefined) return []
    const place = ['workloads', at, 'demand', 'flux']
    if (settings.history.source !== 'influx2')
      return [fault(place, `is used with history.source ${settings.history.source}, expected influx2`, [['history', 'source']])]
    const missing = ['{{from}}', '{{to}}'].filter((hole) => !flux.includes(hole))
    return missing.length === 0 ? [] : [fault(place, `lacks ${missing.join(' and ')}: every page would read the same samples`)]
  })
}
