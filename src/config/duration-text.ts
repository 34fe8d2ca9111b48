const units = [
  ['d', 86400],
  ['h', 3600],
  ['m', 60],
] as const

/** @returns the duration as prescale.yaml writes it: `90s`, `5m`, `48h`, `28d` */
export function durationText(seconds: number): string {
  const [unit, size] = units.find(([, each]) => seconds % each === 0 && (seconds >= 3 * each || each !== 86400)) ?? (['s', 1] as const)
  return `${seconds / size}${unit}`
}
