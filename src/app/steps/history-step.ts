import { join, resolve } from 'node:path'
import { alignDown } from '../../domain/grid.ts'
import type { DemandHistory } from '../../domain/history.ts'
import { demandQueries } from '../../history/demand-queries.ts'
import { historyUntil } from '../../history/history-until.ts'
import { loadHistory } from '../../history/load-history.ts'
import { PageFiles } from '../../history/page-store/files.ts'
import { writeHistoryCsv } from '../../history/csv/write.ts'
import { historyReasonSentence, type HistoryRuling, historyRuling } from '../../history/ruling.ts'
import { writeAtomically } from '../../store/atomic-file.ts'
import { openDemandSource } from '../history-source.ts'
import { withExecutions } from '../executions.ts'
import { cycleOrigin, type Project, projectNow } from '../project.ts'

export interface HistoryOutcome {
  /** All that was measured, up to now. */
  readonly measured: DemandHistory
  /** What the cycle forecasts from: up to its origin. */
  readonly upToOrigin: DemandHistory
  readonly ruling: HistoryRuling
  readonly asOfSeconds: number
  readonly source: string
}

/** Reads demand from the window before the cycle's origin up to now, and judges whether counts may follow it. */
export async function historyStep(project: Project): Promise<HistoryOutcome> {
  const { world, settings } = project
  const { step, window, settle, lateness, maxAge, minCoverage } = settings.historyLimits
  const asOfSeconds = projectNow(project)
  const origin = cycleOrigin(project)
  const source = await openDemandSource(project)
  world.narrator.begin('reading history')
  let notKept: string | undefined
  const sampled = await loadHistory(
    source,
    demandQueries(settings.workloads),
    {
      asOfSeconds,
      // from the window before the origin, so that the part up to the origin is the same all through the plan step
      windowSeconds: window + alignDown(asOfSeconds - settle, step) - origin,
      stepSeconds: step,
      settleSeconds: settle,
      latenessSeconds: lateness,
    },
    new PageFiles(join(project.root, '.prescale', 'pages')),
    (progress) => {
      notKept = progress.notKept
      world.narrator.progress(progress.pagesDone, progress.pagesTotal)
    },
    world.signal,
  )
  const measured = await withExecutions(project, source, sampled, asOfSeconds)
  if (notKept !== undefined) world.narrator.warn(`pages of history could not be kept, the next run reads them again: ${notKept}`)
  const where = source.description.replaceAll(`${project.root}/`, '')
  world.narrator.end(`${measured.series.length} series from ${where}`)
  return {
    measured,
    upToOrigin: historyUntil(measured, origin),
    ruling: historyRuling(measured, { maxAgeSeconds: maxAge, minCoverage }, asOfSeconds),
    asOfSeconds,
    source: where,
  }
}

/** @returns what speaks against following this history, as sentences; empty when counts may follow it */
export function historyReasons({ ruling }: HistoryOutcome): readonly string[] {
  return ruling.kind === 'allow' ? [] : ruling.reasons.map(historyReasonSentence)
}

/** Writes a history as CSV that the CSV source reads back, in the workloads' units. @param file  relative to the working directory */
export function saveHistory(project: Project, file: string, history: DemandHistory): void {
  writeAtomically(resolve(project.world.cwd, file), writeHistoryCsv(history))
}
