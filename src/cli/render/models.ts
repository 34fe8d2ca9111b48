import type { Reproduction } from '../../app/forecast-records.ts'
import type { LineReport, VersionReport } from '../../app/models.ts'
import { rfc3339 } from '../../domain/grid.ts'
import type { ModelEvent, Trial } from '../../forecast/registry.ts'
import { title } from '../output.ts'
import { table } from '../table.ts'

/** Versions of a line that are listed, newest first. */
const shown = 8

/** @returns per line of models its newest versions, the one in force marked */
export function lineTables(lines: readonly LineReport[]): string[] {
  if (lines.length === 0) return ['no models were trained yet: the first forecast does it', '']
  return lines.flatMap(({ line, versions, inForce, pinned, champions }) => [
    title(line),
    ...table(
      [
        { title: '', align: 'left' },
        { title: 'version', align: 'left' },
        { title: 'trained', align: 'left' },
        { title: 'on demand from', align: 'left' },
        { title: 'to', align: 'left' },
        { title: 'series', align: 'right' },
        { title: 'weights', align: 'left' },
      ],
      versions
        .toReversed()
        .slice(0, shown)
        .map((version) => [
          version.number === inForce?.number ? (version.number === pinned ? '* pinned' : '*') : champions.includes(version.number) ? 'was in force' : '',
          `v${version.number}`,
          rfc3339(version.trainedAtSeconds),
          rfc3339(version.trainingWindow.fromSeconds),
          rfc3339(version.trainingWindow.toSeconds),
          String(version.series),
          version.hash,
        ]),
    ),
    ...(versions.length > shown ? [`and ${versions.length - shown} older`] : []),
    '',
  ])
}

/** @returns where a version came from and what became of it */
export function versionLines({ version, weights, weightsFile, events }: VersionReport): string[] {
  return [
    title(`v${version.number}`),
    `  line      ${version.line}`,
    `  weights   ${version.hash}, ${weights === 'kept' ? weightsFile : `unusable: ${weightsFile} is gone, was changed or is of another version of prescale`}`,
    `  trained   ${rfc3339(version.trainedAtSeconds)} on ${version.series} series from ${rfc3339(version.trainingWindow.fromSeconds)} to ${rfc3339(version.trainingWindow.toSeconds)}`,
    `  demand    ${version.dataHash}, settings ${version.settingsHash}`,
    `  code      ${version.code}, ${version.backend}`,
    ...events.map((event) => `  ${rfc3339(event.atSeconds)}  ${eventSentence(event, version.number)}`),
  ]
}

function eventSentence(event: ModelEvent, number: number): string {
  switch (event.kind) {
    case 'trained':
      return 'trained'
    case 'promoted':
      if (event.version !== number) return `replaced by v${event.version}${trialWords(event.trial)}`
      return event.trial === undefined ? 'put in force, the first that could be used' : `put in force instead of v${event.replaced ?? '?'}${trialWords(event.trial)}`
    case 'turned-down':
      return `turned down, v${event.champion} stays${trialWords(event.trial)}`
    case 'rolled-back':
      return event.version === number ? `put back in force instead of v${event.replaced}` : `taken out of force, back to v${event.version}`
    case 'pinned':
      return 'pinned'
    case 'unpinned':
      return 'unpinned'
    default:
      return event satisfies never
  }
}

function trialWords(trial: Trial | undefined): string {
  if (trial === undefined) return ''
  const change = trial.challengerLoss / trial.championLoss - 1
  const compared = Number.isFinite(change) ? `${(Math.abs(change) * 100).toFixed(1)} % ${change <= 0 ? 'better' : 'worse'}` : 'not comparable'
  return `: the newer was ${compared} in ${trial.forecasts} forecasts of ${trial.series} series that neither had seen`
}

/** @returns whether the last forecasts came out the same again, and what has changed since */
export function reproductionLines({ originSeconds, modelVersions, kind, changed }: Reproduction): string[] {
  const which = `the forecasts of ${rfc3339(originSeconds)}, made with ${modelVersions.length === 0 ? 'no trained models' : modelVersions.join(' and ')}`
  return [kind === 'same' ? `${which}, come out the same to the bit` : `${which}, come out DIFFERENT`, ...changed.map((what) => `changed since: ${what}`)]
}
