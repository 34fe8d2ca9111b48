import { setTimeout as wait } from 'node:timers/promises'

/** What the outside gives: environment, clock, randomness. Only `src/app` holds one. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Working directory of the command. */
  readonly cwd: string
  /** Unix seconds UTC. */
  now(): number
  /** Ends early, with the signal's reason, when it is aborted. */
  sleep(seconds: number, signal: AbortSignal): Promise<void>
  /** In [0, 1). */
  random(): number
  /** Says how far long work is; see `Narrator`. */
  readonly narrator: Narrator
  readonly signal: AbortSignal
}

/** Tells a person how far long work is; silent where nobody watches. */
export interface Narrator {
  /** Begins one named piece of work; the one before is over. */
  begin(title: string): void
  /** Share of the current piece, as counts. */
  progress(done: number, total: number): void
  /** Ends the current piece with what came of it. */
  end(outcome: string): void
  /** A line that matters also in a pipe: a warning, a choice made. */
  warn(line: string): void
}

/** The real world of a process. */
export function processWorld(narrator: Narrator, signal: AbortSignal): World {
  return {
    env: process.env,
    cwd: process.cwd(),
    now: () => Date.now() / 1000,
    sleep: async (seconds, abort) => {
      await wait(seconds * 1000, undefined, { signal: abort })
    },
    random: Math.random,
    narrator,
    signal,
  }
}
