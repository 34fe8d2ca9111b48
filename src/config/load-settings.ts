import { parseYaml, type YamlBounds } from '../documents/read-yaml.ts'
import { contentHash } from '../domain/hash.ts'
import { type InputFault, Problem } from '../domain/problem.ts'
import { budget, groupNames, typesOnOffer, typesWithoutPrice } from './rules/catalogue-fit.ts'
import { withOwnPrices } from './own-prices.ts'
import { clusters, schedulesInClusters } from './rules/clusters.ts'
import { commitments } from './rules/commitments.ts'
import { deferrable } from './rules/deferrable.ts'
import { catalogueDuplicates, settingsDuplicates } from './rules/duplicates.ts'
import { eventFeeds } from './rules/events.ts'
import { egress, egressZones } from './rules/egress.ts'
import { dependencies, executions } from './rules/executions.ts'
import type { Finding } from './rules/finding.ts'
import { grids, leadTimes } from './rules/grids.ts'
import { fluxQueries, historySource } from './rules/history-source.ts'
import { latencyLimits, regionPlaces } from './rules/latency.ts'
import { launchSettings } from './rules/launch.ts'
import { nodeBounds, spotBounds } from './rules/node-bounds.ts'
import { ownPrices, spotPrices } from './rules/prices.ts'
import { policyPacks } from './rules/policy-packs.ts'
import { quantiles } from './rules/quantiles.ts'
import { references } from './rules/references.ts'
import { idleParts, regionChoice } from './rules/region-choice.ts'
import { throughputTypes } from './rules/throughput.ts'
import { traffic } from './rules/traffic.ts'
import { windows } from './rules/windows.ts'
import { type Catalogue, catalogueSchema, type Settings, settingsSchema } from './schema.ts'
import { byPlace, readBySchema, type SchemaReading } from './schema-faults.ts'
import { shapeOf } from './schema-tree.ts'
import type { DocumentPath, PlacedDocument } from '../documents/read-yaml.ts'

const settingsBounds: YamlBounds = { characters: 2 ** 20, values: 200_000 }
const catalogueBounds: YamlBounds = { characters: 16 * 2 ** 20, values: 2_000_000 }

/** A text file and the name that faults give it. */
export interface NamedText {
  readonly text: string
  readonly file: string
}

/** Both files of a project's configuration, and what is odd in them without being wrong. */
export interface Configuration {
  readonly settings: Settings
  readonly catalogue: Catalogue
  readonly warnings: readonly InputFault[]
}

const settingsRules: readonly ((settings: Settings) => readonly Finding[])[] = [
  settingsDuplicates,
  references,
  traffic,
  regionChoice,
  nodeBounds,
  spotBounds,
  grids,
  leadTimes,
  policyPacks,
  quantiles,
  historySource,
  fluxQueries,
  launchSettings,
  clusters,
  schedulesInClusters,
  throughputTypes,
  windows,
  deferrable,
  egressZones,
  eventFeeds,
  executions,
  dependencies,
  idleParts,
]
const catalogueRules: readonly ((catalogue: Catalogue) => readonly Finding[])[] = [catalogueDuplicates, spotPrices]
const fitRules: readonly ((settings: Settings, catalogue: Catalogue) => readonly Finding[])[] = [
  typesOnOffer,
  typesWithoutPrice,
  groupNames,
  budget,
  regionPlaces,
  latencyLimits,
  commitments,
  ownPrices,
  egress,
]

/**
 * prescale.yaml by itself.
 * @param file  name that faults give it
 * @throws Problem `input-invalid` with every fault, each at its line and column
 */
export function loadSettings(text: string, file: string): Settings {
  const { value, faults } = checkSettings({ text, file })
  if (value === undefined || faults.length > 0) throw invalid(faults)
  return value
}

/**
 * The catalogue by itself.
 * @param file  name that faults give it
 * @throws Problem `input-invalid` with every fault, each at its line and column
 */
export function loadCatalogue(text: string, file: string): Catalogue {
  const { value, faults } = checkCatalogue({ text, file })
  if (value === undefined || faults.length > 0) throw invalid(faults)
  return value
}

/**
 * Both files, and whether they fit each other.
 * @param readCatalogue  given the catalogue's path as the settings have it, its text and the name that faults give it
 * @throws Problem `input-invalid` with every fault of both files; whatever `readCatalogue` throws
 */
export function loadConfiguration(settingsText: NamedText, readCatalogue: (path: string) => NamedText): Configuration {
  const settings = checkSettings(settingsText)
  if (settings.value === undefined) throw invalid(settings.faults)
  const read = checkCatalogue(readCatalogue(settings.value.catalogue))
  const catalogue = { ...read, value: read.value && withOwnPrices(read.value, settings.value.prices) }
  const fit = catalogue.value === undefined ? [] : fitFindings(settings, catalogue)
  const faults = [...settings.faults, ...located(fit, 'fault', settings), ...catalogue.faults]
  if (faults.length > 0 || catalogue.value === undefined) throw invalid(faults)
  return {
    settings: settings.value,
    catalogue: catalogue.value,
    warnings: [...settings.warnings, ...located(fit, 'warning', settings), ...catalogue.warnings],
  }
}

/** @returns the identity of what the settings say, whatever the file looks like: comments, order and defaults written out change nothing */
export function settingsHash(settings: Settings): string {
  return contentHash(settings)
}

/** @returns the identity of what the catalogue says */
export function catalogueHash(catalogue: Catalogue): string {
  return contentHash(catalogue)
}

/** Faults by file, in the order of the file. */
function invalid(faults: readonly InputFault[]): Problem<'input-invalid'> {
  const files = [...new Set(faults.map((fault) => fault.file))]
  const sorted = files.flatMap((file) => faults.filter((fault) => fault.file === file).sort(byPlace))
  return new Problem('input-invalid', { what: files.join(' and '), faults: sorted })
}

interface Checked<Value> {
  readonly document: PlacedDocument | undefined
  readonly value: Value | undefined
  readonly standIns: readonly DocumentPath[]
  readonly faults: readonly InputFault[]
  readonly warnings: readonly InputFault[]
}

function checkSettings(source: NamedText): Checked<Settings> {
  return check(source, settingsBounds, (document) => readBySchema(document, settingsSchema, () => shapeOf(settingsSchema)), settingsRules)
}

function checkCatalogue(source: NamedText): Checked<Catalogue> {
  return check(
    source,
    catalogueBounds,
    (document) => readBySchema(document, catalogueSchema, () => shapeOf(catalogueSchema)),
    catalogueRules,
  )
}

function check<Value>(
  { text, file }: NamedText,
  bounds: YamlBounds,
  read: (document: PlacedDocument) => SchemaReading<Value>,
  rules: readonly ((value: Value) => readonly Finding[])[],
): Checked<Value> {
  const yaml = parseYaml(text, file, bounds)
  if (yaml.document === undefined) return { document: undefined, value: undefined, standIns: [], faults: yaml.faults, warnings: [] }
  const reading = read(yaml.document)
  const { value } = reading
  const findings = value === undefined ? [] : rules.flatMap((rule) => rule(value))
  const place = { document: yaml.document, standIns: reading.standIns }
  return {
    ...place,
    value,
    faults: [...yaml.faults, ...reading.faults, ...located(findings, 'fault', place)].sort(byPlace),
    warnings: located(findings, 'warning', place).sort(byPlace),
  }
}

function fitFindings(settings: Checked<Settings>, catalogue: Checked<Catalogue>): readonly Finding[] {
  const { value } = settings
  const offered = catalogue.value
  // Where something stands in for a wrong price or type, nothing can be said of what depends on it.
  if (value === undefined || offered === undefined || catalogue.faults.length > 0) return []
  return fitRules.flatMap((rule) => rule(value, offered))
}

function located(
  findings: readonly Finding[],
  severity: Finding['severity'],
  { document, standIns }: Pick<Checked<unknown>, 'document' | 'standIns'>,
): InputFault[] {
  if (document === undefined) return []
  return findings
    .filter(
      (finding) => finding.severity === severity && !finding.restsOn.some((path) => standIns.some((standIn) => overlap(path, standIn))),
    )
    .map((finding) => {
      // A default is nowhere in the file: the finding then points to what was written.
      const path = document.has(finding.path) ? finding.path : (finding.restsOn.find((other) => document.has(other)) ?? finding.path)
      const place = finding.at === 'key' ? document.keyFault(path, finding.message) : document.fault(path, finding.message)
      return { ...document.fault(finding.path, finding.message), line: place.line, column: place.column }
    })
}

function overlap(a: DocumentPath, b: DocumentPath): boolean {
  return a.slice(0, b.length).every((part, index) => part === b[index])
}
