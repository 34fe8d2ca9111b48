import { type Check, fail, ok, warn } from './check.ts'

/** Plans are stamped to the minute; far beyond it, schedules and freshness would lie. */
const warnSeconds = 30
const failSeconds = 300
const patienceMs = 5_000

/** This machine's clock against the clock of the server that demand comes from. */
export const clockCheck: Check = {
  name: 'clock',
  look: async ({ configuration, now, fetch, signal }) => {
    if (configuration === undefined) return []
    const { settings } = configuration
    if (settings.sandbox !== undefined) return [ok('clock', 'the sandbox has its own')]
    if (settings.history.source !== 'influx2') return [ok('clock', 'not compared: no server is in use')]
    const { url } = settings.history
    const before = now()
    const answer = await fetch(`${url.replace(/\/+$/, '')}/ping`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    }).catch(() => undefined)
    await answer?.body?.cancel()
    const told = Date.parse(answer?.headers.get('date') ?? '') / 1000
    if (!Number.isFinite(told))
      return [warn('clock', `not compared: ${url} does not tell the time`, 'timedatectl status shows whether the clock is synchronised')]
    // The header has whole seconds, and was written somewhere between asking and answering.
    const off = Math.max(0, Math.abs((before + now()) / 2 - (told + 0.5)) - (now() - before) / 2 - 0.5)
    const found = `${Math.round(off)} s from that of ${url}`
    const mend = 'synchronise the clocks: timedatectl set-ntp true'
    if (off > failSeconds) return [fail('clock', found, mend)]
    return [off > warnSeconds ? warn('clock', found, mend) : ok('clock', found)]
  },
}
