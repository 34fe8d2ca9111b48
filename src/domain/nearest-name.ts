/**
 * What was meant by a name that is not known.
 * @returns the known name with the fewest edits (insert, delete, replace, swap of neighbours) from `name`, ignoring case; undefined when
 *   the nearest needs more than a third of its letters changed
 * @see Damerau (1964), A technique for computer detection and correction of spelling errors (optimal string alignment)
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, edits: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits)
  const best = ranked[0]
  return best !== undefined && best.edits <= Math.max(1, Math.floor(Math.max(best.candidate.length, name.length) / 3))
    ? best.candidate
    : undefined
}

/** Longer names cannot be near any name of a schema, and the table grows with the product of the lengths. */
const longestCompared = 80

function editDistance(a: string, b: string): number {
  if (a.length > longestCompared || b.length > longestCompared) return Infinity
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1]
      const edits = [(last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1)]
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) edits.push((beforeLast[column - 2] ?? 0) + 1)
      current.push(Math.min(...edits))
    }
    beforeLast = last
    last = current
  }
  return last[b.length] ?? Infinity
}
