/** A place on the earth, degrees. */
export interface Coordinates {
  readonly latitude: number
  readonly longitude: number
}

const earthRadiusKm = 6371
/** What a round trip costs before any distance: last mile, routers, hand-over between networks. */
const fixedMs = 8
/** Light in fibre needs 0.01 ms per km and round trip; cables take detours of about half as much again. */
const msPerKm = 0.0155

/** @returns the distance along the surface, km; haversine formula */
export function distanceKm(a: Coordinates, b: Coordinates): number {
  const radians = Math.PI / 180
  const half = (from: number, to: number): number => Math.sin(((to - from) * radians) / 2) ** 2
  const haversine =
    half(a.latitude, b.latitude) + Math.cos(a.latitude * radians) * Math.cos(b.latitude * radians) * half(a.longitude, b.longitude)
  return 2 * earthRadiusKm * Math.asin(Math.sqrt(Math.min(1, haversine)))
}

/**
 * Round trip estimated from distance, ms. Over the 2350 pairs of Azure regions for which Microsoft publishes round trips, the median of
 * measured to estimated is 1.0 and nine of ten pairs lie between 0.77 and 1.64: give measured values where a limit is close.
 */
export function estimatedLatencyMs(from: Coordinates, to: Coordinates): number {
  return fixedMs + msPerKm * distanceKm(from, to)
}
