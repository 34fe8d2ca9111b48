import { alignDown, type Grid, gridEnd, rfc3339, type TimeRange } from '../domain/grid.ts'
import { contentHash } from '../domain/hash.ts'
import type { DemandHistory, DemandQuery, HistorySource, RawSamples } from '../domain/history.ts'
import { Problem } from '../domain/problem.ts'
import { demandHistory, pageMarginSeconds, SeriesAssembly } from './assemble.ts'
import { decodePage, encodePage, pageFormat, type PageKey, type PageStore } from './pages.ts'

const secondsPerDay = 86_400
/** Enough to keep a server busy while answers are parsed; more only makes its queries wait for each other. */
const pagesInFlight = 4

/** Which history is wanted. All in seconds. */
export interface HistoryWindow {
  /** Unix seconds: the moment the history is read for. */
  readonly asOfSeconds: number
  readonly windowSeconds: number
  /** Divides a UTC day. */
  readonly stepSeconds: number
  /** How long samples take to arrive: a step is part of the history when it ended so long ago, as its sum would be too low before. */
  readonly settleSeconds: number
  /** How long after its end a day may still receive samples: younger days are read again each time. */
  readonly latenessSeconds: number
  /** Length of a page, whole days; one day if left out. Only pages of one day are kept; longer ones spare the source many small queries. */
  readonly pageSeconds?: number
}

/** How far a load has come. */
export interface HistoryProgress {
  readonly pagesDone: number
  readonly pagesTotal: number
  /** Pages among those done that had been kept by an earlier load. */
  readonly pagesFromStore: number
  /** Why a page could not be kept; the history is whole all the same. */
  readonly notKept: string | undefined
}

/** One query's samples of one UTC day or of several, or of the part of them that has passed. */
interface PageTask {
  readonly query: DemandQuery
  readonly assembly: SeriesAssembly
  /** What the page stands for. */
  readonly range: TimeRange
  /** What is read for it. */
  readonly reading: TimeRange
  /** Undefined when the page may still change. */
  readonly key: PageKey | undefined
}

/**
 * The grid of a history: it ends with the last step that has settled, and holds as many whole steps as the window.
 * @throws Problem `history-step-unusable` when the step does not divide a UTC day
 */
export function historyGrid(window: HistoryWindow): Grid {
  const { asOfSeconds, windowSeconds, stepSeconds, settleSeconds } = window
  if (!(stepSeconds > 0) || secondsPerDay % stepSeconds !== 0) throw new Problem('history-step-unusable', { stepSeconds })
  const length = Math.floor(windowSeconds / stepSeconds)
  const endSeconds = alignDown(asOfSeconds - settleSeconds, stepSeconds)
  return { startSeconds: endSeconds - length * stepSeconds, stepSeconds, length }
}

/**
 * Reads demand page by page, a page being one UTC day or several of one query, some pages at once. Complete days are kept in `store`: a load that was
 * broken off goes on from there, and a later one reads only what is new. A source that is cheap to read is always read.
 *
 * @param progress  called after each page
 * @throws Problem `history-unreadable` as soon as any page cannot be read; the signal's reason when it aborts
 */
export async function loadHistory(
  source: HistorySource,
  queries: readonly DemandQuery[],
  window: HistoryWindow,
  store: PageStore,
  progress: (progress: HistoryProgress) => void,
  signal: AbortSignal,
): Promise<DemandHistory> {
  const grid = historyGrid(window)
  const assemblies = queries.map((query) => ({ query, assembly: new SeriesAssembly(query, grid) }))
  const tasks = assemblies.flatMap(({ query, assembly }) => pageTasks(source, query, assembly, grid, window))
  const state = { pagesDone: 0, pagesTotal: tasks.length, pagesFromStore: 0, notKept: undefined as string | undefined }
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const waiting = tasks.values()
  const work = async (): Promise<void> => {
    for (const task of waiting) {
      either.throwIfAborted()
      const { samples, fromStore, notKept } = await readPage(source, task, window.stepSeconds, store, either)
      task.assembly.add(samples, task.range)
      state.pagesDone++
      if (fromStore) state.pagesFromStore++
      state.notKept ??= notKept
      progress({ ...state })
    }
  }
  const workers = Array.from({ length: Math.min(pagesInFlight, tasks.length) }, () =>
    work().catch((error: unknown) => {
      failed.abort(error)
      throw error
    }),
  )
  const endings = await Promise.allSettled(workers)
  signal.throwIfAborted()
  if (failed.signal.aborted) throw failed.signal.reason
  const broken = endings.find((ending) => ending.status === 'rejected')
  if (broken !== undefined) throw broken.reason
  return demandHistory(
    grid,
    assemblies.flatMap(({ assembly }) => assembly.finish()),
  )
}

function pageTasks(source: HistorySource, query: DemandQuery, assembly: SeriesAssembly, grid: Grid, window: HistoryWindow): PageTask[] {
  const margin = pageMarginSeconds(query, grid.stepSeconds)
  const queryHash = contentHash({ query, stepSeconds: grid.stepSeconds, pageFormat })
  const tasks: PageTask[] = []
  const pageSeconds = window.pageSeconds ?? secondsPerDay
  // the first day is read whole, so that its page serves while the window moves on
  for (let day = alignDown(grid.startSeconds, secondsPerDay); day < gridEnd(grid); day += pageSeconds) {
    const range = { fromSeconds: day, toSeconds: Math.min(day + pageSeconds, gridEnd(grid)) }
    const keepable = source.rereading === 'costly' && pageSeconds === secondsPerDay && day + secondsPerDay + margin + window.latenessSeconds <= window.asOfSeconds
    tasks.push({
      query,
      assembly,
      range,
      reading: { fromSeconds: range.fromSeconds - margin, toSeconds: range.toSeconds + margin },
      key: keepable ? { source: source.description, query: queryHash, day: rfc3339(day).slice(0, 10) } : undefined,
    })
  }
  return tasks
}

interface PageRead {
  readonly samples: RawSamples
  readonly fromStore: boolean
  readonly notKept: string | undefined
}

async function readPage(
  source: HistorySource,
  task: PageTask,
  stepSeconds: number,
  store: PageStore,
  signal: AbortSignal,
): Promise<PageRead> {
  const kept = task.key === undefined ? undefined : await store.get(task.key)
  const known = kept === undefined ? undefined : decodePage(kept)
  if (known !== undefined) return { samples: known, fromStore: true, notKept: undefined }
  const samples = await source.read(task.query, task.reading, stepSeconds, signal)
  // a day without samples may be a source that has not caught up: it is asked again next time
  const notKept = task.key === undefined || samples.values.length === 0 ? undefined : await keep(store, task.key, samples)
  return { samples, fromStore: false, notKept }
}

/** @returns why the page could not be kept: that costs time later, not the history now */
async function keep(store: PageStore, key: PageKey, samples: RawSamples): Promise<string | undefined> {
  try {
    await store.put(key, encodePage(samples))
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
