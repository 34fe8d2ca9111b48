import { stripVTControlCharacters } from 'node:util'

/** A column: its title and on which side its cells stand. */
export interface Column {
  readonly title: string
  readonly align: 'left' | 'right'
}

/**
 * Lays out rows under titles, two blanks apart, without trailing blanks.
 * @param rows  cells as printed; they may carry colour
 * @returns lines without line ends
 */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns.map((column) => column.title), ...rows]
  const widths = columns.map((_, index) => Math.max(...all.map((row) => width(row[index] ?? ''))))
  return all.map((row) =>
    columns
      .map(({ align }, index) => {
        const cell = row[index] ?? ''
        const blanks = ' '.repeat((widths[index] ?? 0) - width(cell))
        return align === 'right' ? blanks + cell : cell + blanks
      })
      .join('  ')
      .trimEnd(),
  )
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length
}
