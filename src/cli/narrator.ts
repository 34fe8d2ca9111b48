import { styleText } from 'node:util'
import type { Narrator } from '../app/world.ts'

/**
 * On a terminal: one line per piece of work, rewritten while it runs. In a pipe: silent but for warnings.
 * @param stream  standard error
 */
export function narratorFor(stream: NodeJS.WriteStream): Narrator {
  const warn = (line: string): void => void stream.write(`${styleText('yellow', '! ', { stream })}${line}\n`)
  if (!stream.isTTY) return { begin() {}, progress() {}, end() {}, warn }
  let title = ''
  let beganAt = 0
  let drawnAt = 0
  const draw = (text: string): void => void stream.write(`\r\u001b[K${text}`)
  // a line that wraps could not be rewritten
  const fitted = (text: string): string => text.slice(0, Math.max(20, (stream.columns || 80) - 12))
  return {
    begin(next) {
      title = next
      beganAt = performance.now()
      drawnAt = 0
      draw(fitted(`… ${title}`))
    },
    progress(done, total) {
      if (performance.now() - drawnAt < 100 && done < total) return
      drawnAt = performance.now()
      const filled = Math.round((20 * done) / Math.max(total, 1))
      draw(fitted(`… ${title} ${'━'.repeat(filled)}${'╌'.repeat(20 - filled)} ${done}/${total}`))
    },
    end(outcome) {
      const seconds = (performance.now() - beganAt) / 1000
      draw(`${styleText('green', '✓', { stream })} ${fitted(`${title}: ${outcome}`)} ${styleText('dim', `${seconds.toFixed(1)} s`, { stream })}`)
      stream.write('\n')
    },
    warn(line) {
      draw('')
      warn(line)
    },
  }
}
