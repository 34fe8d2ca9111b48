import type { DemandContext, Dependency, EventOccurrence, FeedStore, Regressor, Scope } from '../domain/events.ts'
import { rfc3339, type TimeRange } from '../domain/grid.ts'
import { contentHash } from '../domain/hash.ts'
import { faultLine, Problem } from '../domain/problem.ts'
import { TimeZone } from '../domain/time-zone.ts'
import type { EventFeedSettings, RegressorSettings } from '../config/schema.ts'
import { readCalendar } from './calendar.ts'
import { readEventCsv } from './event-csv.ts'
import type { EventEntry } from './event-entry.ts'
import { readEventJson } from './event-json.ts'
import { feedText, isAddress } from './feed-text.ts'
import { readRegressorCsv, readRegressorJson, type TimedValues } from './regressor-values.ts'

/** What a feed's place in the settings adds to it; `from` is an absolute path or an address. */
interface Placed {
  readonly scope: Scope
  /** The file or address as it was typed, for faults. */
  readonly label: string
}

export type EventFeed = EventFeedSettings & Placed
export type RegressorFeed = RegressorSettings & Placed

export interface ContextNeeds {
  readonly events: readonly EventFeed[]
  readonly regressors: readonly RegressorFeed[]
  readonly dependencies: readonly Dependency[]
  /** What is looked at: the history and the horizon. */
  readonly range: TimeRange
  readonly nowSeconds: number
  readonly store: FeedStore
  /** @returns the token of a feed's environment variable */
  readonly token: (variable: string) => string | undefined
  /** Reads a number that the history source holds; throws what that source throws. */
  readonly readSeries: (feed: Extract<RegressorFeed, { source: 'history' }>, range: TimeRange) => Promise<TimedValues>
  readonly signal: AbortSignal
}

/** What a feed came to: its content as read now, or as it was last read. */
interface Held<Content> {
  readonly content: Content
  readonly standing: 'read' | 'held'
  readonly note: string | undefined
}

/**
 * Reads all feeds. One that cannot be read, or that no longer makes sense at its address, gives what was last read of it, marked `held`, or
 * nothing; either is told in the notes. A file of the user's own that has faults is refused, as it can be mended.
 * @throws Problem `input-invalid` for faults in files
 */
export async function loadContext(needs: ContextNeeds): Promise<DemandContext> {
  const { range } = needs
  const calendars = await Promise.all(needs.events.map((feed) => held(feed, 'events', needs, (text) => readEvents(feed, text, range))))
  const numbers = await Promise.all(needs.regressors.map((feed) => regressorHeld(feed, needs)))
  const events = needs.events
    .flatMap((feed, index): EventOccurrence[] => {
      const found = calendars[index]
      return found === undefined ? [] : (found.content ?? []).flatMap((entry) => occurrence(feed, entry, found.standing))
    })
    .sort((a, b) => a.startSeconds - b.startSeconds || (a.kind < b.kind ? -1 : 1))
  const regressors = needs.regressors.flatMap((feed, index): Regressor[] => {
    const found = numbers[index]
    if (found?.content === undefined || found.content.values.length === 0) return []
    return [{ name: feed.name, ...feed.scope, ...found.content, standing: found.standing }]
  })
  const notes = [...calendars, ...numbers].flatMap(({ note }) => (note === undefined ? [] : [note]))
  const { dependencies } = needs
  return { events, regressors, dependencies, notes, hash: contentHash({ events, regressors, dependencies, notes: notes.length }) }
}

function readEvents(feed: EventFeed, text: string, range: TimeRange): readonly EventEntry[] {
  const file = feed.label
  switch (feed.format) {
    case 'ical':
      return readCalendar(text, file, range, feed.timeZone)
    case 'csv':
      return readEventCsv(text, file, new TimeZone(feed.timeZone))
    case 'json':
      return readEventJson(text, file, new TimeZone(feed.timeZone))
    default:
      return feed.format satisfies never
  }
}

function occurrence(feed: EventFeed, entry: EventEntry, standing: 'read' | 'held'): EventOccurrence[] {
  const { workloads, userZones } = feed.scope
  // an entry may narrow what its feed speaks of, never widen it
  if (entry.workload !== undefined && workloads?.includes(entry.workload) === false) return []
  if (entry.userZone !== undefined && userZones?.includes(entry.userZone) === false) return []
  const { startSeconds, endSeconds, magnitude } = entry
  return [
    {
      kind: feed.event ?? entry.name,
      startSeconds,
      endSeconds,
      magnitude,
      leadInSeconds: feed.leadIn,
      afterSeconds: feed.after,
      standing,
      workloads: entry.workload === undefined ? workloads : [entry.workload],
      userZones: entry.userZone === undefined ? userZones : [entry.userZone],
    },
  ]
}

async function regressorHeld(feed: RegressorFeed, needs: ContextNeeds): Promise<Held<TimedValues | undefined>> {
  switch (feed.source) {
    case 'csv':
      return held(feed, 'regressors', needs, (text) => readRegressorCsv(text, feed.label, new TimeZone(feed.timeZone)))
    case 'json':
      return held(feed, 'regressors', needs, (text) => readRegressorJson(text, feed.label, new TimeZone(feed.timeZone)))
    case 'history':
      return seriesHeld(feed, needs)
    default:
      return feed satisfies never
  }
}

async function held<Content>(
  feed: { readonly name: string; readonly from: string; readonly tokenEnv?: string | undefined },
  list: 'events' | 'regressors',
  needs: ContextNeeds,
  read: (text: string) => Content,
): Promise<Held<Content | undefined>> {
  const key = `${list}-${feed.name}`
  const reading = await feedText({ from: feed.from, token: feed.tokenEnv === undefined ? undefined : needs.token(feed.tokenEnv) }, needs.signal)
  let reason: string
  if (reading.kind === 'read') {
    try {
      const content = read(reading.text)
      needs.store.keep(key, { text: reading.text, readSeconds: needs.nowSeconds })
      return { content, standing: 'read', note: undefined }
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'input-invalid') || !isAddress(feed.from)) throw error
      const { faults } = (error as Problem<'input-invalid'>).facts
      reason = faults[0] === undefined ? error.message : faultLine(faults[0])
    }
  } else reason = reading.reason
  const kept = needs.store.find(key)
  if (kept === undefined) return { content: undefined, standing: 'held', note: `${feedNoun[list]} ${feed.name} is missing and was never read: ${reason}` }
  return { content: read(kept.text), standing: 'held', note: heldNote(list, feed.name, kept.readSeconds, reason) }
}

const feedNoun = { events: 'the event feed', regressors: 'the regressor' } as const

function heldNote(list: 'events' | 'regressors', name: string, readSeconds: number, reason: string): string {
  return `${feedNoun[list]} ${name} could not be read, what was read at ${rfc3339(readSeconds)} is held and only raises demand: ${reason}`
}

/** A number that the history source holds is kept as CSV, so that it can be held like any other feed. */
async function seriesHeld(feed: Extract<RegressorFeed, { source: 'history' }>, needs: ContextNeeds): Promise<Held<TimedValues | undefined>> {
  const key = `regressors-${feed.name}`
  try {
    const content = await needs.readSeries(feed, needs.range)
    if (content.values.length === 0) throw new Problem('history-unreadable', { source: `${feed.measurement}.${feed.field}`, reason: 'it has no sample' })
    const rows = Array.from(content.values, (value, i) => `${rfc3339(content.atSeconds[i] ?? 0)},${value}`)
    needs.store.keep(key, { text: ['timestamp,value', ...rows].join('\n'), readSeconds: needs.nowSeconds })
    return { content, standing: 'read', note: undefined }
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'history-unreadable')) throw error
    const { reason } = (error as Problem<'history-unreadable'>).facts
    const kept = needs.store.find(key)
    if (kept === undefined) return { content: undefined, standing: 'held', note: `${feedNoun.regressors} ${feed.name} is missing and was never read: ${reason}` }
    return { content: readRegressorCsv(kept.text, feed.name, new TimeZone('UTC')), standing: 'held', note: heldNote('regressors', feed.name, kept.readSeconds, reason) }
  }
}
