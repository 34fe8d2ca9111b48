import type { ModelLine, ModelVersion, Trial } from './registry.ts'
import type { TrainedModels, Training } from './trained-models.ts'

/** A version with its weights. */
export interface ShelvedModels {
  readonly version: ModelVersion
  readonly models: TrainedModels
}

/** Where trained versions are kept between cycles, and which one is in force. */
export interface ModelShelf {
  /** @returns what forecasts of the line are made with; undefined while there is nothing that this code can use */
  inForce(line: ModelLine): Promise<ShelvedModels | undefined>
  /** @returns whether the schedule wants models of the line trained anew by now */
  due(line: ModelLine, atSeconds: number): boolean
  /**
   * Keeps newly trained models and records what their trial came to.
   * @param trial  against what is in force; undefined where nothing is
   * @returns what is in force now
   */
  settle(line: ModelLine, atSeconds: number, training: Training, trial: Trial | undefined): Promise<ShelvedModels>
}

/** Models to forecast with, and the version they are; undefined where nothing keeps versions. */
export interface ChosenModels {
  readonly models: TrainedModels
  readonly version: ModelVersion | undefined
}

/**
 * Finds the models to forecast with: those in force, or, when the schedule wants it, newly trained ones if they do better.
 * @param train    undefined when there is nothing to learn from
 * @param compare  tries the challenger against the champion from origins after `sinceSeconds`
 */
export async function chooseModels(
  shelf: ModelShelf | undefined,
  line: ModelLine,
  atSeconds: number,
  train: () => Promise<Training | undefined>,
  compare: (champion: TrainedModels, challenger: TrainedModels, sinceSeconds: number) => Promise<Trial>,
): Promise<ChosenModels | undefined> {
  const champion = await shelf?.inForce(line)
  if (champion !== undefined && shelf?.due(line, atSeconds) !== true) return champion
  const training = await train()
  if (training === undefined) return champion
  if (shelf === undefined) return { models: training.models, version: undefined }
  const since = Math.max(training.window.toSeconds, champion?.version.trainingWindow.toSeconds ?? -Infinity)
  const trial = champion === undefined ? undefined : await compare(champion.models, training.models, since)
  return shelf.settle(line, atSeconds, training, trial)
}
