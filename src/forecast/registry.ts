import type { TimeRange } from '../domain/grid.ts'

/** What models are for: versions of one line stand in for each other. */
export interface ModelLine {
  /** `files`: the series of forecasts/, all of which teach. `table`: the series of one table, of which a sample teaches. */
  readonly of: 'files' | 'table'
  readonly stepSeconds: number
  readonly horizonSteps: number
  /** Ascending. */
  readonly quantiles: readonly number[]
  readonly seed: number
}

/** @returns a name that is the same for the same line: `files 60 min x 48, quantiles 0.1,0.5,0.95, seed 1` */
export function lineName({ of, stepSeconds, horizonSteps, quantiles, seed }: ModelLine): string {
  return `${of} ${Number((stepSeconds / 60).toFixed(2))} min x ${horizonSteps}, quantiles ${quantiles.join(',')}, seed ${seed}`
}

/** A trained version: where it came from. Its weights are kept beside it under `hash`. */
export interface ModelVersion {
  /** Counted over all lines from 1; printed `v3`. */
  readonly number: number
  readonly line: string
  /** Hash of the weights. */
  readonly hash: string
  /** The cycle's origin when it was trained, Unix seconds. */
  readonly trainedAtSeconds: number
  readonly trainingWindow: TimeRange
  readonly series: number
  readonly dataHash: string
  readonly settingsHash: string
  /** Models of another format cannot be used. */
  readonly format: string
  /** Model name and hash of the sources that trained it. */
  readonly code: string
  /** What the network was trained on. */
  readonly backend: string
}

/** How a challenger did against the champion from origins that neither had seen. */
export interface Trial {
  readonly series: number
  readonly forecasts: number
  /** Mean over series of the quantile loss, each in units of the mean of both. */
  readonly championLoss: number
  readonly challengerLoss: number
}

/** A line of the registry's record; nothing in it is ever changed. All times Unix seconds. */
export type ModelEvent = { readonly atSeconds: number } & (
  | { readonly kind: 'trained'; readonly version: ModelVersion }
  /** `trial` is undefined where there was no champion to beat. */
  | { readonly kind: 'promoted'; readonly version: number; readonly replaced: number | undefined; readonly trial: Trial | undefined }
  | { readonly kind: 'turned-down'; readonly version: number; readonly champion: number; readonly trial: Trial }
  | { readonly kind: 'rolled-back'; readonly version: number; readonly replaced: number }
  | { readonly kind: 'pinned' | 'unpinned'; readonly version: number }
)

/** How one line stands after all that was recorded. */
export interface LineState {
  readonly line: string
  /** Oldest first. */
  readonly versions: readonly ModelVersion[]
  /** Versions that were in force, oldest first, the champion last; one that was rolled back from is no longer among them. */
  readonly champions: readonly number[]
  readonly pinned: number | undefined
  readonly lastTrainedSeconds: number
}

/** A challenger takes over when its loss is at most so much of the champion's. */
export const promotionRatio = 0.99

/** @returns the lines in the order of their first version */
export function linesOf(events: readonly ModelEvent[]): readonly LineState[] {
  const lines = new Map<string, { line: string; versions: ModelVersion[]; champions: number[]; pinned: number | undefined; lastTrainedSeconds: number }>()
  const lineOfVersion = new Map<number, string>()
  for (const event of events) {
    if (event.kind === 'trained') {
      const { version } = event
      lineOfVersion.set(version.number, version.line)
      const state = lines.get(version.line) ?? { line: version.line, versions: [], champions: [], pinned: undefined, lastTrainedSeconds: -Infinity }
      lines.set(version.line, state)
      state.versions.push(version)
      state.lastTrainedSeconds = event.atSeconds
      continue
    }
    const state = lines.get(lineOfVersion.get(event.version) ?? '')
    if (state === undefined) continue
    switch (event.kind) {
      case 'promoted':
        state.champions.push(event.version)
        break
      case 'rolled-back':
        state.champions = state.champions.slice(0, state.champions.lastIndexOf(event.version) + 1)
        break
      case 'pinned':
        state.pinned = event.version
        break
      case 'unpinned':
        state.pinned = undefined
        break
      case 'turned-down':
        break
      default:
        event satisfies never
    }
  }
  return [...lines.values()]
}

/** @returns the versions that forecasts of a line may be made with, best first: the pinned one, the champion, those in force before it */
export function versionsByRank({ versions, champions, pinned }: LineState): readonly ModelVersion[] {
  const numbers = [...(pinned === undefined ? [] : [pinned]), ...champions.toReversed()]
  return [...new Set(numbers)].flatMap((number) => versions.filter((version) => version.number === number))
}

/** @returns whether models of a line are to be trained anew: never while a version is pinned */
export function retrainingDue(state: LineState | undefined, atSeconds: number, everySeconds: number): boolean {
  if (state === undefined) return true
  return state.pinned === undefined && atSeconds - state.lastTrainedSeconds >= everySeconds
}

/** @returns whether a challenger has done better by the stated margin */
export function isPromoted(trial: Trial): boolean {
  return trial.forecasts > 0 && trial.challengerLoss <= promotionRatio * trial.championLoss
}

/** @returns the version that a roll-back goes to: the one in force before the champion; undefined where there is none */
export function versionBefore(state: LineState): ModelVersion | undefined {
  const number = state.champions.at(-2)
  return state.versions.find((version) => version.number === number)
}

/** @returns `v3 1a2b3c4d5e6f7a8b`: what a forecast names */
export function versionName({ number, hash }: ModelVersion): string {
  return `v${number} ${hash}`
}
