import { rfc3339 } from '../../domain/grid.ts'

/** @returns `12.34`, or `?` for what is not known */
export function usd(value: number | undefined): string {
  return value === undefined ? '?' : value.toFixed(2)
}

/** @returns `31 %`, or `?` for what is not known */
export function percent(share: number | undefined): string {
  return share === undefined || !Number.isFinite(share) ? '?' : `${Math.round(share * 100)} %`
}

/** @returns three significant digits: `0.0123`, `1.23`, `1230` */
export function figure(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? '?' : String(value >= 100 ? Math.round(value) : Number(value.toPrecision(3)))
}

/** @returns `Mon 26 Jan 2026 14:00 UTC` */
export function dayAndTime(seconds: number): string {
  const date = new Date(seconds * 1000)
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][date.getUTCDay()] ?? ''
  const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][date.getUTCMonth()] ?? ''
  return `${day} ${date.getUTCDate()} ${month} ${date.getUTCFullYear()} ${rfc3339(seconds).slice(11, 16)} UTC`
}

/** @returns `90 s`, `15 min`, `2.5 h`, `3 d` */
export function span(seconds: number | undefined): string {
  if (seconds === undefined) return '?'
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  if (seconds < 172800) return `${Number((seconds / 3600).toFixed(1))} h`
  return `${Number((seconds / 86400).toFixed(1))} d`
}

/** @returns `1 node`, `2 nodes` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
