import type { Cloud } from '../domain/pool.ts'

/** Clouds whose groups are put as a whole: an update of anything sets the count too, so that one that somebody else moves has to be known first. */
export const putWhole: ReadonlySet<Cloud> = new Set(['azure'])
