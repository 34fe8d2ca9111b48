/** Something is missing or failed while the machine was made ready: what it was, what to do, and where the log is. */
export class SetUpError extends Error {
  /**
   * @param {string} message
   * @param {{ next: string, log?: string, tail?: string, cause?: unknown }} details `tail`: last lines of the log
   */
  constructor(message, details) {
    super(message, { cause: details.cause })
    this.name = 'SetUpError'
    this.next = details.next
    this.log = details.log
    this.tail = details.tail
  }

  /** @returns several lines, the last without an end of line */
  get report() {
    const lines = [`error: ${this.message}`]
    if (this.tail !== undefined && this.tail !== '') lines.push(...this.tail.split('\n').map((line) => `  | ${line}`))
    if (this.log !== undefined) lines.push(`  log:  ${this.log}`)
    lines.push(`  next: ${this.next}`)
    return lines.join('\n')
  }
}
