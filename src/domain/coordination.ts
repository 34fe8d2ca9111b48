/** Who holds or wants a stack, for people who find it taken. */
export interface Claim {
  readonly pid: number
  readonly host: string
  /** What it does: `prescale apply`. */
  readonly purpose: string
  readonly sinceSeconds: number
}

/** The right to change one stack, until it is released or proven lost. */
export interface Lease {
  readonly stack: string
  /** Grows with every holder of the stack: what carries a smaller one is from an earlier holder. */
  readonly token: number
  /** A heartbeat. @returns whether the stack is still this holder's */
  renew(): Promise<'held' | 'lost'>
  /** Lets go; does nothing the second time. */
  release(): Promise<void>
}

export type LeaseAnswer =
  | { readonly kind: 'taken'; readonly lease: Lease }
  /** `ahead`: who else comes first, in order; the holder itself is not among them. */
  | { readonly kind: 'held'; readonly holder: Claim; readonly ahead: readonly Claim[] }

/** A place in the queue for one stack. */
export interface Place {
  readonly number: number
  /** A heartbeat: whoever stops giving it loses the place. */
  renew(): Promise<void>
  leave(): Promise<void>
}

/** Who holds a stack and who waits for it. */
export interface StackQueue {
  readonly stack: string
  readonly holder: Claim | undefined
  readonly waiting: readonly Claim[]
}

/** One writer per stack. */
export interface Leases {
  /** From one heartbeat to the next; a holder that misses several in a row is taken for dead where nothing else proves it. */
  readonly heartbeatSeconds: number
  /**
   * Takes a stack that nobody holds and for which nobody waits before `place`.
   * @param place  undefined for one who does not wait: everyone in the queue comes first
   */
  take(stack: string, claim: Claim, place: Place | undefined): Promise<LeaseAnswer>
  /** Joins the queue for a stack. */
  join(stack: string, claim: Claim): Promise<Place>
  /** @returns every stack that is held or waited for, by name */
  queues(): Promise<readonly StackQueue[]>
}

/**
 * What all copies of prescale that work on one project share: leases, records that each of them must see, and logs. Record names are words
 * with at most one folder before them: `moves`, `applied/shop.aws-us-east-1`.
 */
export interface Coordination {
  readonly leases: Leases
  /** @returns the record, or undefined when it was never written */
  read<Value>(name: string): Promise<Value | undefined>
  /** @returns every record of a folder, by its name without the folder, sorted */
  readAll<Value>(folder: string): Promise<ReadonlyMap<string, Value>>
  /**
   * Replaces a record by what `next` makes of it, and removes it where that is undefined; of two at once one waits for the other.
   * @returns what was written
   */
  change<Value>(name: string, next: (before: Value | undefined) => Value): Promise<Value>
  /** The same for a record of a stack, by its holder. @returns `lost` when it is held no more: nothing is written then */
  changeHeld<Value>(lease: Lease, name: string, next: (before: Value | undefined) => Value): Promise<'held' | 'lost'>
  /** Adds one entry to a log; entries are never changed. */
  append(log: string, entry: unknown): Promise<void>
  /** @returns the latest entries of a log, oldest first */
  entries<Entry>(log: string, most: number): Promise<readonly Entry[]>
  /** Removes every record and log of the project; leases stay. */
  forget(): Promise<void>
}
