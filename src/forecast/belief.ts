/** A value above this multiple of the highest that was believed is doubted. */
const doubtfulMultiple = 10
/** How far back the highest value is looked for. */
const memoryDays = 28
/** Days of history before which nothing is doubted. */
const leastDays = 2
/** A doubted value is believed when so many of the steps just before it, or of earlier days within a step of its time, were doubted too. */
const confirmations = 2
/** Share of the remembered steps that are doubted from which on bursts are the nature of the series. */
const ordinaryShare = 0.03

/**
 * Tells slips of a sensor from demand, step by step and from earlier steps alone. A value more than ten times as high as all that was believed in the
 * four weeks before is not believed at once, but is when it lasts (the third such step on end), when it keeps a time of day (the third time), or when
 * such values are common (3 % of steps). So a collector that counts wrongly for an hour or two does not move a forecast, while demand
 * that jumps is taken for what it is two steps later.
 */
export class Belief {
  readonly #perDay: number
  /** Steps of values that could be the highest, their values falling: the first is the highest that is remembered. */
  #highest: { readonly step: number; readonly value: number }[] = []
  /** Doubted steps that are remembered, ascending. */
  #doubted: number[] = []

  constructor(perDay: number) {
    this.#perDay = perDay
  }

  /** @returns whether a value is believed; to be asked in the order of the steps */
  holds(step: number, value: number): boolean {
    const from = step - memoryDays * this.#perDay
    while (this.#highest[0] !== undefined && this.#highest[0].step < from) this.#highest.shift()
    const top = this.#highest[0]?.value ?? 0
    if (step >= leastDays * this.#perDay && top > 0 && value > doubtfulMultiple * top) {
      this.#doubted = this.#doubted.filter((doubted) => doubted >= from)
      const confirmed = this.#isConfirmed(step)
      this.#doubted.push(step)
      if (!confirmed) return false
    }
    while (this.#highest.length > 0 && (this.#highest.at(-1)?.value ?? 0) <= value) this.#highest.pop()
    this.#highest.push({ step, value })
    return true
  }

  #isConfirmed(step: number): boolean {
    const perDay = this.#perDay
    const lasting = this.#doubted.filter((doubted) => doubted >= step - confirmations)
    const sameTime = this.#doubted.filter((doubted) => Math.abs(((step - doubted + perDay / 2) % perDay) - perDay / 2) <= 1 && step - doubted > 1)
    const ordinary = ordinaryShare * Math.min(step, memoryDays * perDay)
    return lasting.length >= confirmations || sameTime.length >= confirmations || this.#doubted.length >= ordinary
  }
}
