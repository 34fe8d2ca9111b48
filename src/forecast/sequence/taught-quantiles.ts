/** Quantiles that the sequence network gives; others lie between or beyond them. Ascending. */
export const taughtQuantiles: readonly number[] = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]

/** A wanted quantile as a mix of two taught ones: value = (1 − share) · low + share · high; beyond the outermost the share leaves [0, 1]. */
export interface Between {
  readonly low: number
  readonly high: number
  readonly share: number
}

/**
 * Where quantiles lie among the taught ones, measured as a normal distribution would space them, so that tails go on as its tails do.
 * @param quantiles  each in (0, 1)
 */
export function placeQuantiles(quantiles: readonly number[]): readonly Between[] {
  return quantiles.map((quantile) => {
    const above = taughtQuantiles.findIndex((taught) => taught >= quantile)
    const high = above < 0 ? taughtQuantiles.length - 1 : Math.max(1, above)
    const [from, to] = [normalQuantile(taughtQuantiles[high - 1] as number), normalQuantile(taughtQuantiles[high] as number)]
    // Exactly at a taught quantile nothing may be mixed in.
    const share = taughtQuantiles[high] === quantile ? 1 : taughtQuantiles[high - 1] === quantile ? 0 : (normalQuantile(quantile) - from) / (to - from)
    return { low: high - 1, high, share }
  })
}

/**
 * Quantile of the standard normal distribution, absolute error below 4.5e-4.
 * @see Abramowitz & Stegun, Handbook of Mathematical Functions (1964), 26.2.23
 */
export function normalQuantile(probability: number): number {
  if (probability > 0.5) return -normalQuantile(1 - probability)
  const t = Math.sqrt(-2 * Math.log(probability))
  return -(t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))))
}
