/** Consecutive steps that all hold one value. */
export interface EqualRun {
  readonly firstStep: number
  readonly length: number
  readonly value: number
}

/** Shorter runs are never called frozen. */
const fewestFrozenSteps = 6
/** A frozen run is this many times longer than any other run of its value. */
const lengthRatio = 3
/** Chance per series, over all steps at which a run could begin, that an honest series has such a run. */
const acceptedChance = 1e-6
/** So many other long runs of its value make a rhythm that a run can be held against. */
const fewestRhythmRuns = 5
/** Standard deviations of the rhythm's lengths beyond which a run is not part of it. */
const rhythmDeviations = 12
/** Rhythms are not more regular than this share of their length, and one step. */
const rhythmJitter = 0.05
/** Steps by which the repeat rate of the whole series weighs in that of one value. */
const priorSteps = 2

/** What the runs of one value, or of all values, look like together. */
interface RunTally {
  longest: number
  secondLongest: number
  /** Number, lengths and squared lengths of the runs of at least `fewestFrozenSteps`. */
  long: number
  longSteps: number
  longSquares: number
  /** Steps that hold the same value as the step before. */
  repeats: number
  steps: number
}

/**
 * Runs of one repeated value that the rest of the series makes implausible, oldest first.
 *
 * A run of L equal values is implausible when all of this holds:
 * - it has at least 6 steps, and is more than 3 times as long as every other run of the same value: what a series does every night, or
 *   did on another weekend, is not evidence;
 * - it breaks either the value's habit or its rhythm. Habit: with p the chance that this value repeats, taken from the series without
 *   the run (few occurrences are filled up with the rate of all values), fewer than one honest series in a million has such a run:
 *   steps · p^(L−1) < 10^-6. Rhythm: there are at least 5 other runs of 6 steps or more, and L is 12 standard deviations above their
 *   mean length;
 * - it is not a run of zeros at the beginning, where demand had not begun;
 * - it is not the whole series: without other values there is nothing to compare with (`isConstant` tells that case).
 *
 * A gap ends a run.
 */
export function frozenRuns(values: Float64Array): EqualRun[] {
  const ofAll = newTally()
  const long: EqualRun[] = []
  forEachRun(values, (firstStep, length, value) => {
    count(length, ofAll)
    const begins = ofAll.steps === length
    if (length >= fewestFrozenSteps && !(begins && value === 0)) long.push({ firstStep, length, value })
  })
  if (long.length === 0) return []
  const ofValue = new Map(long.map(({ value }) => [value, newTally()]))
  forEachRun(values, (_firstStep, length, value) => {
    const tally = ofValue.get(value)
    if (tally !== undefined) count(length, tally)
  })
  return long.filter((run) => {
    const same = ofValue.get(run.value) ?? newTally()
    if (run.length === ofAll.steps || run.length < same.longest || run.length <= lengthRatio * same.secondLongest) return false
    const rate = (ofAll.repeats - run.length + 1) / (ofAll.steps - run.length)
    const chance = (same.repeats - run.length + 1 + priorSteps * rate) / (same.steps - run.length + priorSteps)
    return Math.log(ofAll.steps) + (run.length - 1) * Math.log(chance) < Math.log(acceptedChance) || breaksRhythm(run.length, same)
  })
}

/** @param same  all runs of the value, this one among them */
function breaksRhythm(length: number, same: RunTally): boolean {
  const others = same.long - 1
  if (others < fewestRhythmRuns) return false
  const mean = (same.longSteps - length) / others
  const variance = Math.max(0, (same.longSquares - length * length) / others - mean * mean)
  return length > mean + rhythmDeviations * Math.max(Math.sqrt(variance), 1 + rhythmJitter * mean)
}

/** @returns steps of the longest frozen run; 0 if there is none */
export function frozenSteps(values: Float64Array): number {
  return frozenRuns(values).reduce((longest, run) => Math.max(longest, run.length), 0)
}

function newTally(): RunTally {
  return { longest: 0, secondLongest: 0, long: 0, longSteps: 0, longSquares: 0, repeats: 0, steps: 0 }
}

function count(length: number, into: RunTally): void {
  into.secondLongest = Math.max(into.secondLongest, Math.min(into.longest, length))
  into.longest = Math.max(into.longest, length)
  if (length >= fewestFrozenSteps) {
    into.long++
    into.longSteps += length
    into.longSquares += length * length
  }
  into.repeats += length - 1
  into.steps += length
}

/** @returns whether the series was measured for at least `steps` steps and always held one value */
export function isConstant(values: Float64Array, steps: number): boolean {
  const measured = values.filter((value) => !Number.isNaN(value))
  return measured.length >= steps && measured.length > 0 && measured.every((value) => value === measured[0])
}

function forEachRun(values: Float64Array, each: (firstStep: number, length: number, value: number) => void): void {
  for (let step = 0; step < values.length;) {
    const value = values[step] ?? Number.NaN
    let end = step + 1
    while (end < values.length && values[end] === value) end++
    if (!Number.isNaN(value)) each(step, end - step, value)
    step = end
  }
}
