import { resolve } from 'node:path'
import type { HistorySource } from '../domain/history.ts'
import { openHistorySource } from '../history/open-source.ts'
import type { Project } from './project.ts'

/** What of a project says where history is read from. */
export interface HistoryPlace extends Pick<Project, 'root' | 'world'> {
  readonly settings: Pick<Project['settings'], 'history'>
}

/** The source that demand is read from. */
export async function openDemandSource(project: HistoryPlace): Promise<HistorySource> {
  const { history } = project.settings
  return open(project, history.source === 'influx2' ? history : { ...history, paths: inProject(project, history.paths) })
}

/** The source that the nodes' own reports are read from; undefined where the history holds demand alone, as CSV does. */
export async function openNodeSource(project: Project): Promise<HistorySource | undefined> {
  const { history } = project.settings
  switch (history.source) {
    case 'influx2':
      return open(project, history)
    case 'line-protocol':
      return open(project, { ...history, paths: inProject(project, history.nodePaths ?? history.paths) })
    case 'csv':
      return undefined
    default:
      return history satisfies never
  }
}

async function open({ world }: HistoryPlace, history: Project['settings']['history']): Promise<HistorySource> {
  return openHistorySource(history, {
    token: history.source === 'influx2' ? (world.env[history.tokenEnv] ?? '') : '',
    random: world.random,
    wait: (seconds, signal) => world.sleep(seconds, signal),
  })
}

/** Paths in the settings are relative to the project, wherever the command was called. */
function inProject(project: HistoryPlace, paths: readonly string[]): string[] {
  return paths.map((path) => resolve(project.root, path))
}
