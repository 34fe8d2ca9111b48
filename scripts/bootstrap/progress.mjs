import { spelled } from './duration.mjs'

/**
 * @typedef {object} Step
 * @property {(text: string, usually?: string) => void} begin  says what is being done and how long it usually takes; until it is called
 *   the step is silent, so that what is there already costs no line
 *
 * @typedef {object} Progress
 * @property {<T>(name: string, work: (step: Step) => Promise<T>, said: (result: T) => string) => Promise<T>} run  one step of several at once
 * @property {(text: string) => void} note  a line of its own
 * @property {() => void} close
 */

const redrawMs = 200
const reminderMs = 60_000
const nameWidth = 11

/**
 * Shows steps that run at once: on a terminal as lines that are kept up to date, elsewhere as one line at the start and one at the end
 * of each, with a reminder every minute.
 * @param {{ isTTY?: boolean, columns?: number, write(text: string): unknown }} stream
 * @param {() => number} now milliseconds
 * @returns {Progress}
 */
export function showProgress(stream, now = () => performance.now()) {
  /** @type {Map<string, { text: string, usually: string, sinceMs: number, remindedMs: number }>} */
  const active = new Map()
  const live = stream.isTTY === true
  let drawn = 0
  /** @type {NodeJS.Timeout | undefined} */
  let timer

  /** @param {string} text */
  const fit = (text) => (stream.columns !== undefined && text.length >= stream.columns ? `${text.slice(0, stream.columns - 2)}…` : text)
  /** @param {string} sign @param {string} name @param {string} text */
  const line = (sign, name, text) => `${sign} ${name.padEnd(nameWidth)} ${text}`

  function draw() {
    const lines = [...active].map(([name, step]) => fit(line('·', name, `${step.text}, ${spelled((now() - step.sinceMs) / 1000)}${step.usually}`)))
    stream.write(`${drawn > 0 ? `\x1b[${drawn}A` : ''}\x1b[0J${lines.map((text) => `${text}\n`).join('')}`)
    drawn = lines.length
  }

  function tick() {
    if (live) return draw()
    for (const [name, step] of active) {
      if (now() - step.remindedMs < reminderMs) continue
      step.remindedMs = now()
      stream.write(`${line('·', name, `still ${step.text}, ${spelled((now() - step.sinceMs) / 1000)}${step.usually}`)}\n`)
    }
  }

  /** @param {string} text */
  function print(text) {
    if (live && drawn > 0) stream.write(`\x1b[${drawn}A\x1b[0J`)
    drawn = 0
    stream.write(`${text}\n`)
    if (live && active.size > 0) draw()
  }

  return {
    note: print,
    async run(name, work, said) {
      const step = {
        /** @param {string} text @param {string} [usually] */
        begin(text, usually) {
          const sinceMs = active.get(name)?.sinceMs ?? now()
          active.set(name, { text, usually: usually === undefined ? '' : ` (usually ${usually})`, sinceMs, remindedMs: now() })
          timer ??= setInterval(tick, live ? redrawMs : 1000).unref()
          if (live) draw()
          else stream.write(`${line('·', name, `${text}${usually === undefined ? '' : ` (usually ${usually})`}`)}\n`)
        },
      }
      /** @param {string} sign @param {string} text */
      const end = (sign, text) => {
        const begun = active.get(name)
        active.delete(name)
        if (begun !== undefined) print(line(sign, name, `${text} (${spelled((now() - begun.sinceMs) / 1000)})`))
      }
      try {
        const result = await work(step)
        end('✓', said(result))
        return result
      } catch (error) {
        end('✗', error instanceof Error ? error.message : String(error))
        throw error
      }
    },
    close() {
      clearInterval(timer)
      if (live && drawn > 0) stream.write(`\x1b[${drawn}A\x1b[0J`)
      drawn = 0
    },
  }
}
