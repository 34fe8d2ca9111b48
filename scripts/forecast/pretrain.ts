// Teaches the sequence network of one grid and writes its weights to models/: node scripts/forecast/pretrain.ts hourly|five-minute [--steps 14400]
// Stop it at any time: started again it goes on from its last checkpoint, and comes to the same weights.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import { contentHash } from '../../src/domain/hash.ts'
import { curriculumLessons, type Curriculum } from '../../src/forecast/sequence/curriculum.ts'
import { initialModel, modelShapes, type ModelSize } from '../../src/forecast/sequence/model-shape.ts'
import { adamStep, startTraining, type TrainingState } from '../../src/forecast/sequence/optimiser.ts'
import { taughtQuantiles } from '../../src/forecast/sequence/taught-quantiles.ts'
import { packTensors, unpackTensors, type SequenceGrid, type SequenceManifest } from '../../src/forecast/sequence/weights.ts'
import { candidateCount } from '../../src/forecast/sequence/windows.ts'
import { quantileLoss } from '../../src/forecast/quantiles.ts'
import { loadBackend, nativeEnvironment } from '../../src/forecast/tensorflow/backend.ts'
import { recurrence } from '../../src/forecast/tensorflow/lstm.ts'
import { runModel, sequenceLossAndGradients } from '../../src/forecast/tensorflow/sequence-model.ts'
import { windowShapes } from '../../src/forecast/tensorflow/sequence-network.ts'
import { teachingSet } from './teaching-data.ts'

const root = join(import.meta.dirname, '..', '..')
const size: ModelSize = { units: 96, hidden: 160, second: 80 }
const seed = 1
const windowsPerStep = 192
const checkpointSteps = 250
/** Steps, and the share of series cut from recordings: fewer where there are few recordings. */
const lessons: Readonly<Record<SequenceGrid, { readonly steps: number; readonly recordedShare: number }>> = {
  hourly: { steps: 14400, recordedShare: 0.35 },
  'five-minute': { steps: 7500, recordedShare: 0.25 },
}
/** Step size: up to the highest, there for most of the training, then down to nearly nothing. */
const stepSizes = { highest: 2.5e-3, rise: 150, fallShare: 0.25, least: 0.003 }
/** The series that judge are drawn by another seed. */
const judging = { seed: 999983, steps: 12, firstStep: 1000 }

interface Checkpoint {
  readonly state: TrainingState
  readonly cpuSeconds: number
}

const { positionals, values: options } = parseArgs({ allowPositionals: true, options: { steps: { type: 'string' } } })
const grid = positionals[0]
if (grid !== 'hourly' && grid !== 'five-minute') {
  console.error('usage: node scripts/forecast/pretrain.ts hourly|five-minute [--steps N]')
  process.exit(2)
}
const steps = options.steps === undefined ? lessons[grid].steps : Number(options.steps)
const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'prescale')
const workFolder = join(root, '.prescale', 'pretraining')
const checkpointFile = join(workFolder, `${grid}.checkpoint`)
mkdirSync(workFolder, { recursive: true })

const window = windowShapes[grid]
const teaching = teachingSet(grid, root, cacheFolder)
const curriculum: Curriculum = { window, seed, recordings: teaching.recordings, recordedShare: lessons[grid].recordedShare, windowsPerStep }
Object.assign(process.env, nativeEnvironment)
const { tf, description } = await loadBackend('node')
const memory = recurrence(tf, true)

function stepSize(step: number): number {
  const fallFrom = Math.floor(steps * (1 - stepSizes.fallShare))
  const share = step < stepSizes.rise ? (step + 1) / stepSizes.rise : step < fallFrom ? 1 : Math.max(stepSizes.least, (steps - step) / (steps - fallFrom))
  return stepSizes.highest * share
}

function save(checkpoint: Checkpoint): void {
  writeFileSync(`${checkpointFile}.partial`, serialize(checkpoint))
  renameSync(`${checkpointFile}.partial`, checkpointFile)
}

function train(): Checkpoint {
  const begun = existsSync(checkpointFile) ? (deserialize(readFileSync(checkpointFile)) as Checkpoint) : { state: startTraining(initialModel(window, size, seed)), cpuSeconds: 0 }
  const lessonsOf = curriculumLessons(curriculum)
  const before = process.cpuUsage()
  const now = (state: TrainingState): Checkpoint => {
    const { user, system } = process.cpuUsage(before)
    return { state, cpuSeconds: begun.cpuSeconds + (user + system) / 1e6 }
  }
  let { state } = begun
  let recent = 0
  while (state.step < steps) {
    const { loss, gradients } = sequenceLossAndGradients(tf, memory, window, state.tensors, lessonsOf(state.step))
    if (!Number.isFinite(loss)) throw new Error(`the loss of step ${state.step} is ${loss}`)
    state = adamStep(state, gradients, stepSize(state.step))
    recent = recent === 0 ? loss : 0.99 * recent + 0.01 * loss
    if (state.step % checkpointSteps !== 0 && state.step !== steps) continue
    const checkpoint = now(state)
    save(checkpoint)
    console.log(`step ${state.step} of ${steps}, recent loss ${recent.toFixed(4)}, ${checkpoint.cpuSeconds.toFixed(0)} CPU s`)
  }
  return now(state)
}

/** Mean scaled quantile loss of the weights, and of the last candidate, the mean of the same slots of the last seven days. */
function judge(bytes: Uint8Array): SequenceManifest['heldOut'] {
  const tensors = unpackTensors(bytes, modelShapes(window, size))
  const lessonsOf = curriculumLessons({ ...curriculum, seed: judging.seed, recordings: [], recordedShare: 0 })
  const count = taughtQuantiles.length
  let loss = 0
  let profileLoss = 0
  let rows = 0
  for (let i = 0; i < judging.steps; i += 1) {
    // far apart: no two of them share a series
    const { windows, targets } = lessonsOf(judging.firstStep * (i + 1))
    const said = runModel(tf, memory, window, tensors, windows)
    targets.forEach((target, row) => {
      taughtQuantiles.forEach((quantile, q) => {
        loss += quantileLoss(target, said[row * count + q] as number, quantile) / count
        profileLoss += quantileLoss(target, windows.candidates[(row + 1) * candidateCount - 1] as number, quantile) / count
      })
      rows += 1
    })
  }
  const rounded = (sum: number): number => Number((sum / rows).toFixed(4))
  return { windows: judging.steps * windowsPerStep, loss: rounded(loss), profileLoss: rounded(profileLoss) }
}

/** @returns hash of all sources that the weights depend on */
function codeHash(): string {
  const sequence = ['curriculum', 'lessons', 'model-shape', 'optimiser', 'practice-series', 'taught-quantiles', 'windows'].map((name) => `src/forecast/sequence/${name}.ts`)
  const others = ['src/forecast/step-series.ts', 'src/forecast/seeded-random.ts', 'src/forecast/tensorflow/lstm.ts', 'src/forecast/tensorflow/sequence-model.ts']
  const files = [...sequence, ...others, 'scripts/forecast/pretrain.ts', 'scripts/forecast/teaching-data.ts']
  return contentHash(files.map((file) => [file, contentHash(readFileSync(join(root, file), 'utf8'))]))
}

const { state, cpuSeconds } = train()
const bytes = packTensors(state.tensors.map(({ shape }, index) => ({ shape, values: state.averaged[index] as Float32Array })))
const manifest: SequenceManifest = {
  grid,
  hash: contentHash(bytes),
  size,
  seed,
  trainingSteps: state.step,
  windowsPerStep,
  code: codeHash(),
  backend: description,
  cpuSeconds: Math.round(cpuSeconds),
  recordedShare: curriculum.recordedShare,
  data: teaching.data,
  heldOut: judge(bytes),
}
mkdirSync(join(root, 'models'), { recursive: true })
writeFileSync(join(root, 'models', `${grid}.bin`), bytes)
writeFileSync(join(root, 'models', `${grid}.json`), `${JSON.stringify(manifest, undefined, 2)}\n`)
rmSync(checkpointFile, { force: true })
console.log(`models/${grid}.bin: ${bytes.length} bytes, hash ${manifest.hash}; held out ${manifest.heldOut.loss}, profile ${manifest.heldOut.profileLoss}`)
