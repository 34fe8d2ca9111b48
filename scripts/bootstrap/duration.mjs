/**
 * @param {number} seconds
 * @returns `0.4 s`, `12 s`, `3 min 52 s`
 */
export function spelled(seconds) {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}
