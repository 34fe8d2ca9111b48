/** @returns whether `version`, with or without a `v`, is `least` or newer; `least` itself has three parts */
export function isAtLeast(version: string, least: string): boolean {
  const parts = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number)
  if (parts === undefined) return false
  const wanted = least.split('.').map(Number)
  const differs = wanted.findIndex((part, index) => parts[index] !== part)
  return differs < 0 || (parts[differs] ?? 0) > (wanted[differs] ?? 0)
}
