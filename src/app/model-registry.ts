import { join } from 'node:path'
import { contentHash } from '../domain/hash.ts'
import type { ModelShelf, ShelvedModels } from '../forecast/model-shelf.ts'
import {
  isPromoted,
  lineName,
  linesOf,
  type LineState,
  type ModelEvent,
  type ModelLine,
  type ModelVersion,
  retrainingDue,
  type Trial,
  versionsByRank,
} from '../forecast/registry.ts'
import { modelFormat, packValue, type TrainedModels, type Training, unpackValue } from '../forecast/trained-models.ts'
import { readIfThere, writeAtomically } from '../store/atomic-file.ts'
import { FileStore } from '../store/file-store.ts'
import { forecastCode } from './code-version.ts'

const log = 'models'
const storeFolder = ['.prescale', 'store']

/** Trained versions of one project: a log that is only added to, and a file of weights for each version. */
export class ModelRegistry implements ModelShelf {
  readonly #store: FileStore
  readonly #folder: string
  readonly #everySeconds: number
  readonly #backend: string

  /**
   * @param root          folder of the project
   * @param everySeconds  how often models are trained anew
   * @param backend       what the network is trained on, for the record
   */
  constructor(root: string, everySeconds: number, backend: string) {
    this.#store = new FileStore(join(root, ...storeFolder))
    this.#folder = join(root, ...storeFolder, 'models')
    this.#everySeconds = everySeconds
    this.#backend = backend
  }

  /** @returns all that was recorded, oldest first */
  events(): readonly ModelEvent[] {
    return this.#store.entries<ModelEvent>(log)
  }

  lines(): readonly LineState[] {
    return linesOf(this.events())
  }

  record(event: ModelEvent): void {
    this.#store.append(log, event)
  }

  /** @returns the weights of a version; undefined when the file is gone, is not what was kept, or is of another format */
  weightsOf(version: ModelVersion): TrainedModels | undefined {
    const text = readIfThere(this.weightsFile(version))
    if (text === undefined || version.format !== modelFormat || contentHash(text) !== version.hash) return undefined
    return unpackValue(text) as TrainedModels
  }

  weightsFile({ hash }: Pick<ModelVersion, 'hash'>): string {
    return join(this.#folder, `${hash}.json`)
  }

  inForce(line: ModelLine): Promise<ShelvedModels | undefined> {
    const state = this.#stateOf(line)
    for (const version of state === undefined ? [] : versionsByRank(state)) {
      const models = this.weightsOf(version)
      if (models !== undefined) return Promise.resolve({ version, models })
    }
    return Promise.resolve(undefined)
  }

  due(line: ModelLine, atSeconds: number): boolean {
    return retrainingDue(this.#stateOf(line), atSeconds, this.#everySeconds)
  }

  async settle(line: ModelLine, atSeconds: number, training: Training, trial: Trial | undefined): Promise<ShelvedModels> {
    const champion = await this.inForce(line)
    const text = packValue(training.models)
    const version: ModelVersion = {
      number: this.events().filter(({ kind }) => kind === 'trained').length + 1,
      line: lineName(line),
      hash: contentHash(text),
      trainedAtSeconds: atSeconds,
      trainingWindow: training.window,
      series: training.series,
      dataHash: training.dataHash,
      settingsHash: training.settingsHash,
      format: modelFormat,
      code: forecastCode(),
      backend: this.#backend,
    }
    // weights before the record that names them: a stop in between leaves a file that nothing names, never a name without its weights
    writeAtomically(this.weightsFile(version), text)
    this.record({ atSeconds, kind: 'trained', version })
    if (champion !== undefined && (trial === undefined || !isPromoted(trial))) {
      if (trial !== undefined) this.record({ atSeconds, kind: 'turned-down', version: version.number, champion: champion.version.number, trial })
      return champion
    }
    this.record({ atSeconds, kind: 'promoted', version: version.number, replaced: champion?.version.number, trial })
    return { version, models: training.models }
  }

  #stateOf(line: ModelLine): LineState | undefined {
    return this.lines().find((state) => state.line === lineName(line))
  }
}
