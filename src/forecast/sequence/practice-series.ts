import { seededRandom } from '../seeded-random.ts'

/** Draws numbers in the ways that made-up demand needs. */
interface Dice {
  readonly uniform: () => number
  readonly normal: () => number
  chance(share: number): boolean
  between(low: number, high: number): number
  /** Evenly distributed in the logarithm. */
  spread(low: number, high: number): number
  count(least: number, most: number): number
}

function diceOf(uniform: () => number): Dice {
  const between = (low: number, high: number): number => low + (high - low) * uniform()
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    chance: (share) => uniform() < share,
    between,
    spread: (low, high) => Math.exp(between(Math.log(low), Math.log(high))),
    count: (least, most) => least + Math.floor(uniform() * (most - least + 1)),
  }
}

/**
 * One made-up series of demand, drawn by seed alone: seasons of random shape times trends, shifts and noise; walks without any season; machines
 * that idle and jump; saws that fill and empty; counts with many zeros; sums, products, caps, outages and rounding of these.
 * @returns finite, ≥ 0, in a unit of its own
 */
export function practiceSeries(length: number, perDay: number, seed: number): Float64Array {
  const dice = diceOf(seededRandom(seed))
  const values = component(length, perDay, dice)
  const joined = dice.uniform()
  if (joined < 0.15) {
    const other = component(length, perDay, dice)
    const share = dice.spread(0.05, 1.5)
    const scale = meanOf(values) / (meanOf(other) + 1e-9)
    for (let i = 0; i < length; i += 1) values[i] = (values[i] as number) + share * scale * (other[i] as number)
  } else if (joined < 0.2) {
    const other = component(length, perDay, dice)
    const mean = meanOf(other) + 1e-9
    const power = dice.between(0.2, 1)
    for (let i = 0; i < length; i += 1) values[i] = (values[i] as number) * ((other[i] as number) / mean + 0.02) ** power
  }
  finish(values, perDay, dice)
  return values
}

function component(length: number, perDay: number, dice: Dice): Float64Array {
  const kind = dice.uniform()
  if (kind < 0.55) return seasonal(length, perDay, dice)
  if (kind < 0.67) return walk(length, perDay, dice)
  if (kind < 0.82) return machine(length, perDay, dice)
  if (kind < 0.88) return saw(length, perDay, dice)
  return bursts(length, perDay, dice)
}

/** A profile over one cycle with mean 0 and deviation 1. */
function profile(slots: number, dice: Dice): Float64Array {
  const values = new Float64Array(slots)
  const kind = dice.uniform()
  if (kind < 0.5) {
    const waves = dice.count(1, Math.min(14, slots >> 1))
    const decay = dice.between(0.5, 2.2)
    for (let k = 1; k <= waves; k += 1) {
      const size = dice.normal() / k ** decay
      const phase = dice.between(0, 2 * Math.PI)
      for (let i = 0; i < slots; i += 1) values[i] = (values[i] as number) + size * Math.cos((2 * Math.PI * k * i) / slots + phase)
    }
    if (dice.chance(0.3)) {
      standardise(values)
      const sharp = dice.between(0.3, 1.2)
      for (let i = 0; i < slots; i += 1) values[i] = Math.exp(sharp * (values[i] as number))
    }
  } else if (kind < 0.75) {
    const bumps = dice.count(1, 4)
    for (let b = 0; b < bumps; b += 1) {
      const centre = dice.uniform()
      const sharpness = 1 / dice.spread(0.03, 0.4) ** 2
      const size = dice.chance(0.8) ? dice.between(0.3, 1) : -dice.between(0.2, 0.6)
      for (let i = 0; i < slots; i += 1) values[i] = (values[i] as number) + size * Math.exp((sharpness / 4) * (Math.cos(2 * Math.PI * (i / slots - centre)) - 1))
    }
  } else if (kind < 0.88) {
    const from = dice.uniform()
    const width = dice.between(0.1, 0.7)
    const edge = dice.spread(0.003, 0.12)
    for (let i = 0; i < slots; i += 1) {
      const at = (((i / slots - from) % 1) + 1) % 1
      values[i] = 1 / (1 + Math.exp(-at / edge)) - 1 / (1 + Math.exp(-(at - width) / edge)) + 1 / (1 + Math.exp(-(at - 1) / edge))
    }
  } else {
    const spikes = dice.count(1, 5)
    for (let s = 0; s < spikes; s += 1) {
      const at = dice.count(0, slots - 1)
      const size = dice.between(0.3, 1)
      const width = dice.count(1, Math.max(1, Math.round(slots / 24)))
      for (let i = 0; i < width; i += 1) values[(at + i) % slots] = size
    }
  }
  standardise(values)
  return values
}

function standardise(values: Float64Array): void {
  const mean = meanOf(values)
  let square = 0
  for (const value of values) square += (value - mean) ** 2
  const deviation = Math.sqrt(square / values.length) + 1e-9
  for (let i = 0; i < values.length; i += 1) values[i] = ((values[i] as number) - mean) / deviation
}

function meanOf(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / Math.max(1, values.length)
}

/** A smooth random function with mean 0 and deviation about 1 that changes over `steps` steps. */
function smooth(length: number, steps: number, dice: Dice): Float64Array {
  const values = new Float64Array(length)
  const waves = 16
  for (let k = 0; k < waves; k += 1) {
    const speed = dice.normal() / steps
    const phase = dice.between(0, 2 * Math.PI)
    const size = Math.sqrt(2 / waves)
    for (let i = 0; i < length; i += 1) values[i] = (values[i] as number) + size * Math.cos(speed * i + phase)
  }
  return values
}

/** Noise with mean 0 and deviation 1 whose memory is `steps` steps; some of it heavy-tailed. */
function noise(length: number, steps: number, dice: Dice): Float64Array {
  const values = new Float64Array(length)
  const kept = Math.exp(-1 / steps)
  const fresh = Math.sqrt(1 - kept * kept)
  const wild = dice.chance(0.3) ? dice.between(0.005, 0.08) : 0
  let state = dice.normal()
  for (let i = 0; i < length; i += 1) {
    state = kept * state + fresh * dice.normal() * (dice.uniform() < wild ? 4 : 1)
    values[i] = state
  }
  return values
}

/** A slow level in the logarithm: trend, smooth wander, sudden shifts. */
function slowLevel(length: number, perDay: number, dice: Dice): Float64Array {
  const level = new Float64Array(length)
  const trend = dice.chance(0.3) ? (dice.normal() * 0.03) / perDay : 0
  for (let i = 0; i < length; i += 1) level[i] = trend * i
  if (dice.chance(0.6)) {
    const wander = smooth(length, perDay * dice.spread(1, 20), dice)
    const size = dice.spread(0.02, 0.5)
    for (let i = 0; i < length; i += 1) level[i] = (level[i] as number) + size * (wander[i] as number)
  }
  if (dice.chance(0.35)) {
    const perStep = 1 / (perDay * dice.spread(2, 30))
    const size = dice.spread(0.1, 1)
    const back = dice.chance(0.5) ? dice.between(0.2, 0.9) : 1
    let shift = 0
    for (let i = 0; i < length; i += 1) {
      if (dice.uniform() < perStep) shift = back * shift + size * dice.normal()
      level[i] = (level[i] as number) + shift
    }
  }
  return level
}

function seasonal(length: number, perDay: number, dice: Dice): Float64Array {
  const day = profile(perDay, dice)
  const other = profile(perDay, dice)
  const week = weekOf(dice)
  const phase = dice.count(0, 7 * perDay - 1)
  const cycle = dice.chance(0.1) ? Math.round(perDay * dice.spread(0.08, 2)) : 0
  const extra = cycle > 2 ? profile(cycle, dice) : undefined
  const extraSize = dice.spread(0.1, 1)
  const amplitude = dice.chance(0.12) ? dice.spread(0.01, 0.1) : dice.spread(0.1, 1.2)
  const multiplied = dice.chance(0.6)
  const slow = slowLevel(length, perDay, dice)
  const calm = dice.chance(0.3) ? dice.spread(0.01, 0.5) : 1
  const white = calm * dice.spread(0.004, 0.5)
  const grey = calm * dice.spread(0.004, 0.4)
  const whiteNoise = noise(length, 0.05, dice)
  const greyNoise = noise(length, perDay * dice.spread(0.03, 2), dice)
  const noiseGrows = dice.between(0, 1)
  const drift = dice.chance(0.3) ? smooth(length, perDay * dice.spread(3, 20), dice) : undefined
  const offset = dice.chance(0.4) ? dice.spread(0.1, 20) : 0
  const values = new Float64Array(length)
  for (let i = 0; i < length; i += 1) {
    const at = i + phase
    const weekday = Math.floor(at / perDay) % 7
    const mix = week.shapes[weekday] as number
    const swing = drift === undefined ? 1 : Math.exp(0.4 * calm * (drift[i] as number))
    let shape = amplitude * swing * (week.sizes[weekday] as number) * ((1 - mix) * (day[at % perDay] as number) + mix * (other[at % perDay] as number))
    if (extra !== undefined) shape += amplitude * extraSize * (extra[at % cycle] as number)
    const level = calm * (slow[i] as number) + (week.levels[weekday] as number)
    const error = white * (whiteNoise[i] as number) + grey * (greyNoise[i] as number)
    const season = multiplied ? Math.exp(Math.min(6, shape + level)) : Math.exp(Math.min(6, level)) * (1 + shape)
    values[i] = Math.max(0, offset + season * (1 + noiseGrows * error) + (1 - noiseGrows) * error)
  }
  return values
}

/** How weekdays differ: level in the logarithm, size of the daily shape, share of the other shape. */
function weekOf(dice: Dice): { readonly levels: Float64Array; readonly sizes: Float64Array; readonly shapes: Float64Array } {
  const levels = new Float64Array(7)
  const sizes = new Float64Array(7).fill(1)
  const shapes = new Float64Array(7)
  const kind = dice.uniform()
  if (kind < 0.55) {
    const level = -dice.spread(0.03, 1.5) * (dice.chance(0.85) ? 1 : -0.6)
    const size = dice.between(0.1, 1.1)
    const shape = dice.chance(0.5) ? dice.uniform() : 0
    const between = dice.between(0.7, 1.1)
    for (const day of [5, 6]) {
      levels[day] = level * (day === 5 ? between : 1)
      sizes[day] = size
      shapes[day] = shape
    }
  } else if (kind < 0.65) {
    const day = dice.count(0, 6)
    levels[day] = dice.normal() * 0.6
    shapes[day] = dice.uniform()
  }
  if (dice.chance(0.4)) {
    const size = dice.spread(0.01, 0.3)
    for (let day = 0; day < 7; day += 1) levels[day] = (levels[day] as number) + size * dice.normal()
  }
  return { levels, sizes, shapes }
}

/** Levels that wander, with or without a mean to go back to; a faint season at most. */
function walk(length: number, perDay: number, dice: Dice): Float64Array {
  const values = new Float64Array(length)
  const parts = dice.count(1, 3)
  for (let part = 0; part < parts; part += 1) {
    const wander = dice.chance(0.5) ? noise(length, perDay * dice.spread(0.02, 15), dice) : smooth(length, perDay * dice.spread(0.1, 5), dice)
    const size = dice.spread(0.05, 0.8)
    for (let i = 0; i < length; i += 1) values[i] = (values[i] as number) + size * (wander[i] as number)
  }
  const faint = dice.chance(0.4) ? profile(perDay, dice) : undefined
  const faintSize = dice.spread(0.02, 0.4)
  const white = noise(length, 0.05, dice)
  const whiteSize = dice.spread(0.003, 0.4)
  const growing = dice.chance(0.6)
  for (let i = 0; i < length; i += 1) {
    const sum = (values[i] as number) + whiteSize * (white[i] as number) + (faint === undefined ? 0 : faintSize * (faint[i % perDay] as number))
    values[i] = growing ? Math.exp(sum) : Math.max(0, 1.5 + sum)
  }
  return values
}

/** A machine: idle at a low level, busy for spans that come at random or by a timetable, each at a level of its own. */
function machine(length: number, perDay: number, dice: Dice): Float64Array {
  const values = new Float64Array(length)
  const idle = dice.chance(0.35) ? 0 : dice.spread(0.003, 0.3)
  const jitter = dice.spread(0.01, 0.5)
  const busyJitter = dice.spread(0.01, 0.5)
  const busyMemory = noise(length, perDay * dice.spread(0.02, 1), dice)
  const white = noise(length, 0.05, dice)
  const levels = Array.from({ length: dice.count(1, 3) }, () => dice.spread(0.2, 2))
  for (let i = 0; i < length; i += 1) values[i] = idle
  const set = (from: number, to: number, level: number): void => {
    for (let i = Math.max(0, Math.floor(from)); i < Math.min(length, to); i += 1) values[i] = Math.max(values[i] as number, level)
  }
  const level = (): number => (levels[dice.count(0, levels.length - 1)] as number) * (dice.chance(0.5) ? 1 : dice.spread(0.5, 2))
  if (dice.chance(0.55)) {
    const idleDays = dice.spread(0.1, 12)
    const busyDays = dice.spread(0.03, 8)
    let at = -dice.uniform() * idleDays * perDay
    while (at < length) {
      at -= idleDays * perDay * Math.log(1 - dice.uniform())
      const busy = -busyDays * perDay * Math.log(1 - dice.uniform())
      set(at, at + busy, level())
      at += busy
    }
  }
  if (dice.chance(0.5) || values.every((value) => value === idle)) {
    const jobs = dice.count(1, 3)
    for (let job = 0; job < jobs; job += 1) {
      const everyDays = [1 / 24, 1 / 12, 1 / 8, 1 / 6, 1 / 4, 1 / 3, 0.5, 1, 1, 1, 1, 7, dice.spread(0.05, 4)][dice.count(0, 12)] as number
      const every = Math.max(2, Math.round(everyDays * perDay))
      const width = Math.max(1, every * dice.spread(0.03, 0.6))
      const size = level()
      const missed = dice.chance(0.5) ? 0 : dice.between(0, 0.4)
      const late = dice.chance(0.6) ? 0 : dice.between(0, 0.1) * every
      const weekdays = dice.chance(0.3)
      for (let at = dice.count(0, every - 1) - every; at < length; at += every) {
        if (dice.uniform() < missed || (weekdays && Math.floor(at / perDay) % 7 >= 5)) continue
        set(at + late * dice.normal(), at + late * dice.normal() + width, size)
      }
    }
  }
  if (dice.chance(0.25)) {
    const day = profile(perDay, dice)
    const size = dice.spread(0.05, 0.6)
    for (let i = 0; i < length; i += 1) values[i] = Math.max(0, (values[i] as number) * (1 + size * (day[i % perDay] as number)))
  }
  for (let i = 0; i < length; i += 1) {
    const spread = (values[i] as number) > idle ? busyJitter * (busyMemory[i] as number) : jitter * 0.5 * (busyMemory[i] as number)
    values[i] = Math.max(0, (values[i] as number) * (1 + spread + 0.3 * jitter * (white[i] as number)))
  }
  return values
}

/** Fills and empties: memory, disks, queues. */
function saw(length: number, perDay: number, dice: Dice): Float64Array {
  const values = new Float64Array(length)
  const period = perDay * dice.spread(0.08, 6)
  const regular = dice.chance(0.6) ? dice.between(0, 0.15) : dice.between(0.2, 0.8)
  const white = noise(length, 0.05, dice)
  const size = dice.spread(0.005, 0.2)
  const curve = dice.spread(0.4, 2.5)
  const floor = dice.between(0, 2)
  const falls = dice.chance(0.3)
  let from = -dice.uniform() * period
  let span = period
  for (let i = 0; i < length; i += 1) {
    if (i >= from + span) {
      from = i
      span = Math.max(2, period * (1 + regular * dice.normal()))
    }
    const share = Math.min(1, (i - from) / span) ** curve
    values[i] = Math.max(0, floor + (falls ? 1 - share : share) + size * (white[i] as number))
  }
  return values
}

/** A rhythm with sudden crowds that fade, often counted in small numbers. */
function bursts(length: number, perDay: number, dice: Dice): Float64Array {
  const values = seasonal(length, perDay, dice)
  const mean = meanOf(values) + 1e-9
  const perStep = dice.spread(0.1, 5) / perDay
  const size = dice.spread(0.3, 6)
  const fade = Math.exp(-1 / (1 + perDay * dice.spread(0.005, 0.3)))
  const feeding = dice.chance(0.4) ? dice.between(0.2, 0.8) * (1 - fade) : 0
  let crowd = 0
  for (let i = 0; i < length; i += 1) {
    if (dice.uniform() < perStep) crowd -= size * Math.log(1 - dice.uniform()) * (dice.chance(0.1) ? 3 : 1)
    values[i] = (values[i] as number) / mean + crowd
    crowd = crowd * fade + feeding * crowd * (0.5 + dice.uniform())
    crowd = Math.min(crowd, 60)
  }
  return values
}

/** What measuring does: counts, caps, floors, outages, rounding; then a scale of its own. */
function finish(values: Float64Array, perDay: number, dice: Dice): void {
  const mean = meanOf(values) + 1e-9
  if (dice.chance(0.25)) {
    const scale = dice.spread(0.15, 150) / mean
    const over = dice.chance(0.5) ? dice.between(1, 3) : 1
    for (let i = 0; i < values.length; i += 1) {
      const expected = (values[i] as number) * scale
      values[i] = expected > 20 ? Math.max(0, Math.round(expected + Math.sqrt(over * expected) * dice.normal())) : poisson(expected, dice)
    }
  }
  if (dice.chance(0.06)) {
    const cap = mean * dice.between(0.8, 2.5)
    for (let i = 0; i < values.length; i += 1) values[i] = Math.min(cap, values[i] as number)
  }
  if (dice.chance(0.05)) {
    const floor = mean * dice.between(0.1, 1)
    for (let i = 0; i < values.length; i += 1) values[i] = Math.max(0, (values[i] as number) - floor)
  }
  if (dice.chance(0.08)) {
    const outages = dice.count(1, 4)
    for (let outage = 0; outage < outages; outage += 1) {
      const from = dice.count(0, values.length - 1)
      values.fill(0, from, from + Math.ceil(perDay * dice.spread(0.02, 2)))
    }
  }
  if (dice.chance(0.1)) {
    const unit = mean * dice.spread(0.005, 0.3)
    for (let i = 0; i < values.length; i += 1) values[i] = Math.round((values[i] as number) / unit) * unit
  }
}

function poisson(expected: number, dice: Dice): number {
  const limit = Math.exp(-expected)
  let product = dice.uniform()
  let count = 0
  while (product > limit) {
    product *= dice.uniform()
    count += 1
  }
  return count
}
