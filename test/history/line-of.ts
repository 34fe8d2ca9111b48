import type { RecordedSample } from '../fakes/recorded-history.ts'

/** @returns the sample as one line of line protocol, its value a float */
export function lineOf({ measurement, field, tags, at, value }: RecordedSample): string {
  const escaped = (text: string): string => text.replace(/[,= ]/g, '\\$&')
  const tagged = Object.entries(tags).map(([tag, of]) => `,${escaped(tag)}=${escaped(of)}`)
  return `${measurement.replace(/[, ]/g, '\\$&')}${tagged.join('')} ${escaped(field)}=${value} ${at}000000000\n`
}
