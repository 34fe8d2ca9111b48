import { baselineOf, levelAround, type BaselineSeries } from './baseline.ts'
import { binCount, binOf, type EventBins, type EventWindow } from './windows.ts'

/** How an effect acts on demand: times exp(effect), or plus effect times the level around. */
export type EffectMode = 'multiplies' | 'adds'

/** What one occurrence did, bin by bin. */
interface ObservedEffect {
  readonly window: EventWindow
  /** Per bin and mode; NaN where nothing was measured. */
  readonly bins: Readonly<Record<EffectMode, Float64Array>>
  /** Over the event's own time. */
  readonly whole: Readonly<Record<EffectMode, number>>
  /** Steps of the window: measured, without the event as seen afterwards and as seen before, and level. NaN where unknown. */
  readonly actual: Float64Array
  readonly before: Float64Array
  /** Demand repeated from the weeks before, events and all. */
  readonly repeated: Float64Array
  readonly levelBefore: number
}

/** The effect of one kind of event on one series: what is expected of the next occurrence of usual size. */
export interface LearnedEffect {
  readonly mode: EffectMode
  readonly bins: EventBins
  /** Expected effect. Shape [bins]. */
  readonly expected: Float64Array
  /** Standard deviation of the next occurrence around it. Shape [bins]. */
  readonly deviation: Float64Array
  /** Over the event's own time. */
  readonly whole: number
  readonly wholeDeviation: number
  /** The size that `expected` holds for; undefined where size tells nothing. */
  readonly usualMagnitude: number | undefined
  /** Occurrences of the series it was learned from. */
  readonly occurrences: number
}

/** What is known of a kind from other series. */
export interface PooledEffect {
  readonly series: number
  readonly whole: Readonly<Record<EffectMode, number>>
  readonly spread: Readonly<Record<EffectMode, number>>
}

/** What the backtest came to. */
export interface EffectTrial {
  readonly verdict: 'helps' | 'does-not-help' | 'too-few' | 'no-comparison'
  /** Mean absolute errors over the windows of past occurrences, each forecast from the others: with the effect, without it, by repeating weeks. */
  readonly withEffect: number
  readonly without: number
  readonly repeating: number
}

/** One kind on one series. */
export interface KindOnSeries {
  readonly kind: string
  readonly windows: readonly EventWindow[]
  readonly observed: readonly ObservedEffect[]
  /** Undefined where nothing could be learned. */
  readonly effect: LearnedEffect | undefined
  readonly trial: EffectTrial
  /** For each observed occurrence, the effect as learned from the others. */
  readonly fromOthers: readonly (LearnedEffect | undefined)[]
}

/** Demand below this share of the level does not make ratios. */
const floorShare = 0.02
/** Prior of an effect that nothing is known of, and how much occurrences of one kind differ: as a share of their mean, counted as so many. */
const prior = { deviation: 0.5, differ: 0.35, counted: 2 }
/** An effect of a single occurrence must exceed what hours without events show by this many standard deviations. */
const singleOccurrence = 4
/**
 * What switches an effect on: errors at most this share of those without it, and at most so much above those of repeating weeks; and a mean that
 * exceeds by so many standard errors what hours without events show, or else a gain that leaves no doubt.
 */
const gate = { gain: 0.97, repeating: 1.05, standardErrors: 2.5, doubtless: 0.75 }
/** Shifts in days at which windows without an event are looked at, to know how much demand differs there anyway. */
const placebos: readonly number[] = [-1, 1, -2, 2, -3, 3, -4, 4]

/**
 * Learns what one kind of event does to one series. Each past occurrence is compared with demand as it would have been without it; the mean
 * over the event's time is drawn towards what other series show, or towards none, by how many occurrences there are and how much they differ;
 * the shape within it is kept as far as it stands out from what hours without events show (positive-part James–Stein). Then each occurrence
 * is forecast from the others, and the effect is used only when that has less error than leaving it out.
 * @param windows  of all occurrences, coming ones too; only those that the series covers teach
 * @see Efron & Morris, Stein's Estimation Rule and Its Competitors (1973)
 */
export function learnKind(kind: string, windows: readonly EventWindow[], bins: EventBins, series: BaselineSeries, pooled: PooledEffect | undefined): KindOnSeries {
  const past = windows.filter(({ start, end }) => start >= 0 && end <= series.values.length)
  const observed = past.flatMap((window) => observe(series, window, bins))
  const noise = noiseOf(series, observed, bins)
  const choices = effectChoices(observed)
  const tried = choices.map((choice) => tryChoice(observed, choice, bins, noise, pooled))
  const best = tried.reduce<Tried | undefined>((least, one) => (least === undefined || one.trial.withEffect < 0.97 * least.trial.withEffect ? one : least), undefined)
  const choice = best?.choice ?? { mode: 'multiplies' as const, sized: false }
  const effect = learn(observed, choice, bins, noise, pooled)
  const none = { withEffect: Number.NaN, without: Number.NaN, repeating: Number.NaN }
  if (observed.length === 0) return { kind, windows, observed, effect, trial: { verdict: effect === undefined ? 'no-comparison' : 'too-few', ...none }, fromOthers: [] }
  if (best === undefined || observed.length === 1) {
    const clear = effect !== undefined && Math.abs(observed[0]?.whole[choice.mode] ?? 0) > singleOccurrence * noise[choice.mode].whole
    return { kind, windows, observed, effect, trial: { verdict: clear ? 'too-few' : 'does-not-help', ...none }, fromOthers: observed.map(() => undefined) }
  }
  return { kind, windows, observed, effect, trial: best.trial, fromOthers: best.fromOthers }
}

/** @returns whether the effect is applied: it was proven, or a single occurrence, or other series, leave little doubt */
export function isUsed({ effect, trial }: KindOnSeries): boolean {
  return effect !== undefined && (trial.verdict === 'helps' || trial.verdict === 'too-few')
}

function observe(series: BaselineSeries, window: EventWindow, bins: EventBins): ObservedEffect[] {
  const { from, to, start, end } = window
  const around = baselineOf(series, window, 'around')
  const before = baselineOf(series, window, 'before')
  const actual = Float64Array.from({ length: to - from }, (_, i) => series.values[from + i] ?? Number.NaN)
  const level = levelAround(series, window, 'around')
  const levelBefore = levelAround(series, window, 'before')
  if (!(level > 0)) return []
  const count = binCount(bins)
  const sums = { actual: new Float64Array(count), base: new Float64Array(count), steps: new Float64Array(count) }
  let [wholeActual, wholeBase, wholeSteps] = [0, 0, 0]
  for (let step = from; step < to; step += 1) {
    const [value, base] = [actual[step - from] ?? Number.NaN, around[step - from] ?? Number.NaN]
    if (!Number.isFinite(value) || !Number.isFinite(base)) continue
    const bin = binOf(window, bins, step)
    sums.actual[bin] = (sums.actual[bin] ?? 0) + value
    sums.base[bin] = (sums.base[bin] ?? 0) + base
    sums.steps[bin] = (sums.steps[bin] ?? 0) + 1
    if (step < start || step >= end) continue
    wholeActual += value
    wholeBase += base
    wholeSteps += 1
  }
  // half an event says too little of it
  if (wholeSteps < (end - start) / 2) return []
  const effects = (value: number, base: number, steps: number): Record<EffectMode, number> => ({
    multiplies: steps > 0 ? Math.log((value + floorShare * level * steps) / (base + floorShare * level * steps)) : Number.NaN,
    adds: steps > 0 ? (value - base) / (steps * level) : Number.NaN,
  })
  const each = Array.from({ length: count }, (_, bin) => effects(sums.actual[bin] ?? 0, sums.base[bin] ?? 0, sums.steps[bin] ?? 0))
  return [
    {
      window,
      bins: { multiplies: Float64Array.from(each, ({ multiplies }) => multiplies), adds: Float64Array.from(each, ({ adds }) => adds) },
      whole: effects(wholeActual, wholeBase, wholeSteps),
      actual,
      before,
      repeated: repeatedWeeks(series, window),
      levelBefore,
    },
  ]
}

/** The median of the same time in the four weeks before, whatever happened there. */
function repeatedWeeks({ values, perDay }: BaselineSeries, { from, to }: EventWindow): Float64Array {
  return Float64Array.from({ length: to - from }, (_, i) => {
    const found = [1, 2, 3, 4].map((week) => values[from + i - week * 7 * perDay] ?? Number.NaN).filter(Number.isFinite).sort((a, b) => a - b)
    const middle = Math.floor(found.length / 2)
    if (found.length === 0) return Number.NaN
    return found.length % 2 === 1 ? (found[middle] ?? Number.NaN) : ((found[middle - 1] ?? 0) + (found[middle] ?? 0)) / 2
  })
}

/** How far hours without an event are off the same baseline, as standard deviations. */
interface Noise {
  readonly whole: number
  readonly bin: number
}

function noiseOf(series: BaselineSeries, observed: readonly ObservedEffect[], bins: EventBins): Readonly<Record<EffectMode, Noise>> {
  const seen = observed.flatMap(({ window }) =>
    placebos.flatMap((days) => {
      const shift = days * series.perDay
      const moved: EventWindow = { ...window, from: window.from + shift, to: window.to + shift, start: window.start + shift, end: window.end + shift }
      if (moved.from < 0 || moved.to > series.values.length) return []
      for (let step = moved.from; step < moved.to; step += 1) if (series.touched[step] === 1) return []
      return observe(series, moved, bins)
    }),
  )
  const root = (squares: readonly number[]): number => (squares.length > 2 ? Math.sqrt(squares.reduce((sum, value) => sum + value * value, 0) / squares.length) : 0.1)
  const of = (mode: EffectMode): Noise => ({
    whole: root(seen.map(({ whole }) => whole[mode])),
    bin: root(seen.flatMap((one) => [...one.bins[mode]].filter(Number.isFinite))),
  })
  return { multiplies: of('multiplies'), adds: of('adds') }
}

/** How an effect may be modelled. `sized`: it grows with the magnitude. */
interface EffectChoice {
  readonly mode: EffectMode
  readonly sized: boolean
}

function effectChoices(observed: readonly ObservedEffect[]): readonly EffectChoice[] {
  const magnitudes = new Set(observed.map(({ window }) => window.occurrence.magnitude))
  const modes: readonly EffectMode[] = ['multiplies', 'adds']
  return modes.flatMap((mode) => (magnitudes.size > 1 ? [{ mode, sized: true }, { mode, sized: false }] : [{ mode, sized: false }]))
}

interface Tried {
  readonly choice: EffectChoice
  readonly trial: EffectTrial
  readonly fromOthers: readonly (LearnedEffect | undefined)[]
}

/** Forecasts each occurrence from the others. */
function tryChoice(
  observed: readonly ObservedEffect[],
  choice: EffectChoice,
  bins: EventBins,
  noise: Readonly<Record<EffectMode, Noise>>,
  pooled: PooledEffect | undefined,
): Tried {
  const fromOthers = observed.map((one) => learn(observed.filter((other) => other !== one), choice, bins, noise, pooled))
  const sums = { withEffect: 0, without: 0, repeating: 0, steps: 0, repeatedSteps: 0, withWhereRepeated: 0 }
  observed.forEach((one, o) => {
    const effect = fromOthers[o]
    one.actual.forEach((value, i) => {
      const base = one.before[i] ?? Number.NaN
      if (!Number.isFinite(value) || !Number.isFinite(base)) return
      const forecast = effect === undefined ? base : applied(effect, binOf(one.window, bins, one.window.from + i), one.window.occurrence.magnitude, base, one.levelBefore)
      const error = Math.abs(value - forecast)
      sums.withEffect += error
      sums.without += Math.abs(value - base)
      sums.steps += 1
      const repeated = one.repeated[i] ?? Number.NaN
      if (!Number.isFinite(repeated)) return
      sums.repeating += Math.abs(value - repeated)
      sums.withWhereRepeated += error
      sums.repeatedSteps += 1
    })
  })
  const { withEffect, without, repeating, steps } = sums
  const mean = observed.reduce((sum, { whole }) => sum + whole[choice.mode], 0) / Math.max(1, observed.length)
  const standsOut = Math.abs(mean) * Math.sqrt(observed.length) > gate.standardErrors * noise[choice.mode].whole || withEffect < gate.doubtless * without
  const helps = standsOut && withEffect < gate.gain * without && (sums.repeatedSteps === 0 || sums.withWhereRepeated <= gate.repeating * repeating)
  const verdict = steps === 0 ? 'no-comparison' : helps ? 'helps' : 'does-not-help'
  const per = (sum: number, count: number): number => (count > 0 ? sum / count : Number.NaN)
  return { choice, fromOthers, trial: { verdict, withEffect: per(withEffect, steps), without: per(without, steps), repeating: per(repeating, sums.repeatedSteps) } }
}

/** Demand in one step with an effect. */
export function applied(effect: LearnedEffect, bin: number, magnitude: number, base: number, level: number): number {
  const size = effect.usualMagnitude === undefined ? 1 : clampedSize(magnitude / effect.usualMagnitude)
  const amount = (effect.expected[bin] ?? 0) * size
  return Math.max(0, effect.mode === 'multiplies' ? base * Math.exp(amount) : base + amount * (Number.isFinite(level) ? level : 0))
}

/** Sizes far from what was seen are not believed. */
export function clampedSize(size: number): number {
  return Math.min(4, Math.max(0.25, size))
}

function learn(
  observed: readonly ObservedEffect[],
  { mode, sized }: EffectChoice,
  bins: EventBins,
  noise: Readonly<Record<EffectMode, Noise>>,
  pooled: PooledEffect | undefined,
): LearnedEffect | undefined {
  const n = observed.length
  const count = binCount(bins)
  const known = pooled === undefined ? { mean: 0, variance: prior.deviation ** 2 } : { mean: pooled.whole[mode], variance: pooled.spread[mode] ** 2 }
  if (n === 0) {
    if (pooled === undefined) return undefined
    const expected = Float64Array.from({ length: count }, (_, bin) => (isMain(bin, bins) ? known.mean : 0))
    const deviation = Float64Array.from({ length: count }, (_, bin) => (isMain(bin, bins) ? pooled.spread[mode] : 0))
    return { mode, bins, expected, deviation, whole: known.mean, wholeDeviation: pooled.spread[mode], usualMagnitude: undefined, occurrences: 0 }
  }
  const usualMagnitude = observed.reduce((sum, { window }) => sum + window.occurrence.magnitude, 0) / n
  const sizes = observed.map(({ window }) => (sized ? clampedSize(window.occurrence.magnitude / usualMagnitude) : 1))
  const wholes = observed.map(({ whole }, o) => whole[mode] / (sizes[o] ?? 1))
  const mean = wholes.reduce((sum, value) => sum + value, 0) / n
  const spread = wholes.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const differ = Math.max(0, (spread + prior.counted * (prior.differ * mean) ** 2) / (n - 1 + prior.counted) - noise[mode].whole ** 2 / 2)
  const sampling = (differ + noise[mode].whole ** 2) / n
  const trust = known.variance / (known.variance + sampling)
  const whole = trust * mean + (1 - trust) * known.mean
  const wholeVariance = differ + trust * sampling
  const { shape, within } = shapeOf(observed, wholes, sizes, mode, bins, noise[mode].bin)
  const expected = Float64Array.from({ length: count }, (_, bin) => (isMain(bin, bins) ? whole + (shape[bin] ?? 0) : (shape[bin] ?? 0)))
  const deviation = Float64Array.from({ length: count }, (_, bin) => (isMain(bin, bins) ? Math.sqrt(wholeVariance + within) : Math.abs(shape[bin] ?? 0) * prior.differ))
  return { mode, bins, expected, deviation, whole, wholeDeviation: Math.sqrt(wholeVariance), usualMagnitude: sized ? usualMagnitude : undefined, occurrences: n }
}

function isMain(bin: number, { leadIn, main }: EventBins): boolean {
  return bin >= leadIn && bin < leadIn + main
}

/** What stands out of noise: of the event's own bins against their mean, of the hours before and after against none. */
function shapeOf(
  observed: readonly ObservedEffect[],
  wholes: readonly number[],
  sizes: readonly number[],
  mode: EffectMode,
  bins: EventBins,
  noise: number,
): { readonly shape: Float64Array; readonly within: number } {
  const count = binCount(bins)
  const shape = new Float64Array(count)
  const seen = new Float64Array(count)
  const off = (one: ObservedEffect, o: number, bin: number): number => (one.bins[mode][bin] ?? Number.NaN) / (sizes[o] ?? 1) - (isMain(bin, bins) ? (wholes[o] ?? 0) : 0)
  observed.forEach((one, o) => {
    for (let bin = 0; bin < count; bin += 1) {
      const value = off(one, o, bin)
      if (!Number.isFinite(value)) continue
      shape[bin] = (shape[bin] ?? 0) + value
      seen[bin] = (seen[bin] ?? 0) + 1
    }
  })
  for (let bin = 0; bin < count; bin += 1) shape[bin] = (seen[bin] ?? 0) > 0 ? (shape[bin] ?? 0) / (seen[bin] ?? 1) : 0
  let [residual, residuals] = [0, 0]
  observed.forEach((one, o) => {
    for (let bin = 0; bin < count; bin += 1) {
      const value = off(one, o, bin)
      if (!Number.isFinite(value) || !isMain(bin, bins)) continue
      residual += (value - (shape[bin] ?? 0)) ** 2
      residuals += 1
    }
  })
  const groups = [[0, bins.leadIn], [bins.leadIn, bins.leadIn + bins.main], [bins.leadIn + bins.main, count]] as const
  for (const [from, to] of groups) {
    const total = shape.subarray(from, to).reduce((sum, value) => sum + value * value, 0)
    const expectedByNoise = ((to - from) * noise * noise) / observed.length
    const kept = total > 0 ? Math.max(0, 1 - (2 * expectedByNoise) / total) : 0
    for (let bin = from; bin < to; bin += 1) shape[bin] = kept * (shape[bin] ?? 0)
  }
  const free = residuals * Math.max(0, 1 - 1 / observed.length)
  return { shape, within: free > 0 ? Math.max(0, residual / free - noise * noise) : 0 }
}

/** What some series say of one kind together; undefined below two series with occurrences, where it would say nothing of another. */
export function poolKind(kinds: readonly KindOnSeries[]): PooledEffect | undefined {
  const useful = kinds.filter((one) => one.observed.length > 0 && isUsed(one))
  if (useful.length < 2) return undefined
  const of = (mode: EffectMode): { mean: number; spread: number } => {
    const means = useful.map(({ observed }) => observed.reduce((sum, { whole }) => sum + whole[mode], 0) / observed.length)
    const mean = means.reduce((sum, value) => sum + value, 0) / means.length
    const variance = means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (means.length - 1)
    return { mean, spread: Math.max(Math.sqrt(variance), prior.differ * Math.abs(mean)) }
  }
  const [multiplies, adds] = [of('multiplies'), of('adds')]
  return { series: useful.length, whole: { multiplies: multiplies.mean, adds: adds.mean }, spread: { multiplies: multiplies.spread, adds: adds.spread } }
}

