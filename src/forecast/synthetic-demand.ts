import { seededRandom } from './seeded-random.ts'
import { daySeconds, modelSeries, type ModelSeries } from './step-series.ts'

/** How one made-up series behaves; shares are of its level, rates per day. */
interface Character {
  readonly daily: number
  readonly dailyPhase: number
  readonly twiceDaily: number
  readonly twiceDailyPhase: number
  readonly weekend: number
  readonly noise: number
  readonly persistence: number
  readonly shiftsPerDay: number
  readonly shiftSize: number
  readonly burstsPerDay: number
  readonly burstSize: number
  readonly burstDays: number
  readonly stops: { readonly perDay: number; readonly restartsPerDay: number; readonly idleLevel: number } | undefined
  /** Events per step at the level; 0 for a series that is not counted. */
  readonly countsPerStep: number
  readonly trendPerDay: number
}

const days = 28
const startSeconds = 1577836800

/**
 * Made-up demand that real data of one customer rarely shows in full: level shifts, bursts that fade, workloads that stop and start, counts
 * near zero. Mixed into training it keeps global models from trusting the habits of a few series. Drawn by seed alone.
 * @param count  number of series
 */
export function syntheticDemand(count: number, stepSeconds: number, seed: number): ModelSeries[] {
  return Array.from({ length: count }, (_, index) => {
    const random = seededRandom((seed * 1009 + index + 1) * 7919)
    const values = demandOf(drawCharacter(random), daySeconds / stepSeconds, random)
    return modelSeries({ name: `synthetic/${index}`, startSeconds, stepSeconds, values })
  })
}

function drawCharacter(random: () => number): Character {
  const chance = (share: number): boolean => random() < share
  const between = (low: number, high: number): number => low + (high - low) * random()
  const daily = chance(0.25) ? 0.05 : between(0.2, 0.9)
  return {
    daily,
    dailyPhase: between(0, 2 * Math.PI),
    twiceDaily: daily * between(0, 0.5),
    twiceDailyPhase: between(0, 2 * Math.PI),
    weekend: chance(0.4) ? 1 : between(0.3, 1.2),
    noise: 0.03 + 0.35 * random() ** 2,
    persistence: between(0.5, 0.99),
    shiftsPerDay: chance(0.5) ? 0 : 1 / between(2, 12),
    shiftSize: between(0.2, 1),
    burstsPerDay: chance(0.5) ? 0 : between(0.2, 3.2),
    burstSize: 0.5 + 3 * random() ** 2,
    burstDays: between(0.01, 0.17),
    stops: chance(0.3) ? { perDay: 1 / between(0.3, 4.3), restartsPerDay: 1 / between(0.3, 3.3), idleLevel: chance(0.5) ? 0 : between(0, 0.02) } : undefined,
    countsPerStep: chance(0.3) ? between(3, 53) : 0,
    trendPerDay: 0.02 * normal(random),
  }
}

function demandOf(character: Character, perDay: number, random: () => number): Float64Array {
  const values = new Float64Array(days * perDay)
  const { stops, countsPerStep } = character
  let noise = 0
  let level = 0
  let burst = 0
  let running = true
  for (let step = 0; step < values.length; step += 1) {
    const angle = ((step % perDay) / perDay) * 2 * Math.PI
    const weekend = Math.floor(step / perDay) % 7 >= 5 ? character.weekend : 1
    noise = character.persistence * noise + Math.sqrt(1 - character.persistence ** 2) * character.noise * normal(random)
    if (random() < character.shiftsPerDay / perDay) level = 0.7 * level + character.shiftSize * normal(random)
    level += character.trendPerDay / perDay
    if (random() < character.burstsPerDay / perDay) burst -= character.burstSize * Math.log(1 - random())
    burst *= Math.exp(-1 / (1 + character.burstDays * perDay))
    if (stops !== undefined) running = running ? random() >= stops.perDay / perDay : random() < stops.restartsPerDay / perDay
    const season = 1 + character.daily * Math.sin(angle + character.dailyPhase) + character.twiceDaily * Math.sin(2 * angle + character.twiceDailyPhase)
    const busy = Math.max(0, season * weekend * Math.exp(level) * (1 + noise) + burst)
    const demand = running ? busy : (stops?.idleLevel ?? 0) * (1 + busy)
    values[step] = countsPerStep > 0 ? Math.max(0, Math.round(demand * countsPerStep + Math.sqrt(demand * countsPerStep) * normal(random))) / countsPerStep : demand
  }
  return values
}

/** A standard normal number. @see Box & Muller (1958) */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
