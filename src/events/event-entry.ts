/** One entry of a feed, whatever its format. */
export interface EventEntry {
  readonly name: string
  /** Unix seconds. */
  readonly startSeconds: number
  /** Unix seconds, after the start. */
  readonly endSeconds: number
  /** Above 0. */
  readonly magnitude: number
  /** Undefined: the feed's own scope. */
  readonly workload: string | undefined
  readonly userZone: string | undefined
}
