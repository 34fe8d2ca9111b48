const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** @returns one character per value, from the lowest bar for 0 to the highest for the largest */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(...values)
  return values.map((value) => bars[most <= 0 ? 0 : Math.min(bars.length - 1, Math.floor((value / most) * (bars.length - 1) + 0.5))] ?? '').join('')
}
