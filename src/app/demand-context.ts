import { resolve } from 'node:path'
import type { DemandContext, FeedStore, KeptFeed, Scope } from '../domain/events.ts'
import { alignDown, type TimeRange } from '../domain/grid.ts'
import type { RawSamples } from '../domain/history.ts'
import { isAddress } from '../events/feed-text.ts'
import { type EventFeed, loadContext, type RegressorFeed } from '../events/load-context.ts'
import { timedValues, type TimedValues } from '../events/regressor-values.ts'
import { regressorQuery } from '../history/regressor-query.ts'
import { openDemandSource } from './history-source.ts'
import { cycleOrigin, type Project } from './project.ts'

const daySeconds = 86_400

/**
 * What the settings' events, regressors and dependencies say of history and horizon. Feeds that cannot be read give what was last read of them.
 * @returns undefined where the settings name none
 * @throws Problem `input-invalid` for faults in the user's own files
 */
export async function demandContext(project: Project): Promise<DemandContext | undefined> {
  const { settings, world } = project
  const events = scoped(project, 'events')
  const regressors = scoped(project, 'regressors')
  const dependencies = settings.workloads.flatMap(({ name, dependsOn }) => (dependsOn.length > 0 ? [{ workload: name, drivers: dependsOn }] : []))
  if (events.length === 0 && regressors.length === 0 && dependencies.length === 0) return undefined
  const origin = cycleOrigin(project)
  const range = {
    fromSeconds: alignDown(origin - settings.historyLimits.window, daySeconds),
    toSeconds: alignDown(origin + settings.forecast.horizon, daySeconds) + 2 * daySeconds,
  }
  const context = await loadContext({
    events: events as readonly EventFeed[],
    regressors: regressors as readonly RegressorFeed[],
    dependencies,
    range,
    nowSeconds: Math.floor(world.now()),
    store: feedRecords(project),
    token: (variable) => world.env[variable],
    readSeries: (feed, wanted) => readSeries(project, feed, wanted),
    signal: world.signal,
  })
  for (const note of context.notes) world.narrator.warn(note)
  return context
}

/** Feeds of the project and of each workload, with their scope and with files made absolute. */
function scoped(project: Project, list: 'events' | 'regressors'): readonly (EventFeed | RegressorFeed)[] {
  const { settings, root } = project
  const place = <Feed extends { readonly userZones?: readonly string[] | undefined }>(feed: Feed, workloads: readonly string[] | undefined): Feed & { scope: Scope; label: string } => {
    const from = 'from' in feed ? String(feed.from) : ''
    return { ...feed, ...('from' in feed ? { from: isAddress(from) ? from : resolve(root, from) } : {}), label: from, scope: { workloads, userZones: feed.userZones } }
  }
  return [
    ...settings[list].map((feed) => place(feed, feed.workloads)),
    ...settings.workloads.flatMap((workload) => workload[list].map((feed) => place(feed, [workload.name]))),
  ]
}

function feedRecords({ store }: Project): FeedStore {
  const record = (feed: string): string => `feeds/${feed}`
  return {
    find: (feed) => store.read<KeptFeed>(record(feed)),
    keep: (feed, kept) => store.write(record(feed), kept),
  }
}

/** A number from the history source, page by page like demand. */
async function readSeries(project: Project, feed: Extract<RegressorFeed, { source: 'history' }>, range: TimeRange): Promise<TimedValues> {
  const { settings, world } = project
  const source = await openDemandSource(project)
  const query = regressorQuery(feed, settings.history)
  const pages: RawSamples[] = []
  for (let day = range.fromSeconds; day < range.toSeconds; day += daySeconds) {
    pages.push(await source.read(query, { fromSeconds: day, toSeconds: day + daySeconds }, settings.historyLimits.step, world.signal))
  }
  return timedValues(pages.flatMap(({ atSeconds, values }) => Array.from(atSeconds, (at, i) => ({ at, value: values[i] ?? Number.NaN }))))
}
