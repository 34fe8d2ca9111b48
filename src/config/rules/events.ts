import type { DocumentPath } from '../../documents/read-yaml.ts'
import type { Settings } from '../schema.ts'
import { isTimeZone } from '../time-zone.ts'
import { fault, type Finding, userZoneNames } from './finding.ts'
import { twice } from './duplicates.ts'
import { unknown } from './references.ts'

/** One feed of events or numbers, wherever it stands. */
interface Feed {
  readonly path: DocumentPath
  readonly name: string
  readonly from: string | undefined
  readonly timeZone: string | undefined
  readonly source: string | undefined
  readonly workloads: readonly string[]
  readonly userZones: readonly string[]
}

type Settled = Settings['events'][number] | Settings['regressors'][number] | Settings['workloads'][number]['events'][number] | Settings['workloads'][number]['regressors'][number]

/** Feeds have names of their own, addresses that can be asked, time zones that exist, and speak of what is configured. */
export function eventFeeds(settings: Settings): readonly Finding[] {
  const workloads = settings.workloads.map(({ name }) => name)
  const workloadNames = settings.workloads.map((_, index) => ['workloads', index, 'name'])
  const zones = settings.userZones.map(({ name }) => name)
  return (['events', 'regressors'] as const).flatMap((list) => {
    const feeds = [
      ...settings[list].map((feed, index) => feedOf(feed, [list, index])),
      ...settings.workloads.flatMap((workload, at) => workload[list].map((feed, index) => feedOf(feed, ['workloads', at, list, index]))),
    ]
    return [
      ...twice(
        feeds.map(({ name }) => name),
        (index) => [...(feeds[index]?.path ?? []), 'name'],
      ),
      ...feeds.flatMap((feed) => [
        ...addressFindings(feed),
        ...zoneFindings(feed),
        ...sourceFindings(feed, settings),
        ...feed.workloads.flatMap((name, index) => unknown(name, workloads, [...feed.path, 'workloads', index], 'workload', workloadNames)),
        ...feed.userZones.flatMap((name, index) => unknown(name, zones, [...feed.path, 'userZones', index], 'user zone', userZoneNames(settings))),
      ]),
    ]
  })
}

function feedOf(feed: Settled, path: DocumentPath): Feed {
  return {
    path,
    name: feed.name,
    from: 'from' in feed ? feed.from : undefined,
    timeZone: 'timeZone' in feed ? feed.timeZone : undefined,
    source: 'source' in feed ? feed.source : undefined,
    workloads: ('workloads' in feed ? (feed.workloads as readonly string[] | undefined) : undefined) ?? [],
    userZones: feed.userZones ?? [],
  }
}

function addressFindings({ from, path }: Feed): readonly Finding[] {
  if (from === undefined || !from.includes('://')) return []
  const place = [...path, 'from']
  const url = URL.parse(from)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return [fault(place, 'is no http or https address, expected a file or an address such as https://example.org/events.ics')]
  if (url.username === '' && url.password === '') return []
  return [fault(place, 'holds a user name or password, expected the address alone: a token is read from the environment (tokenEnv)')]
}

function zoneFindings({ timeZone, path }: Feed): readonly Finding[] {
  if (timeZone === undefined || isTimeZone(timeZone)) return []
  return [fault([...path, 'timeZone'], `is ${JSON.stringify(timeZone)}, expected an IANA time zone such as Europe/Berlin`)]
}

function sourceFindings({ source, path }: Feed, settings: Settings): readonly Finding[] {
  if (source !== 'history' || settings.history.source !== 'csv') return []
  return [fault([...path, 'source'], 'is history, which reads InfluxDB or line protocol, with history.source csv; expected csv or json', [['history', 'source']])]
}
