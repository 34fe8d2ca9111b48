import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/**
 * Runs a command in the foreground, with this process's input and output; signals reach it, and it decides how to end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Record<string, string>} env added to this process's own
 * @returns {Promise<number>} its exit code; 128 + the signal's number when it was ended by one
 */
export function runChild(command, args, env) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...env } })
    // Ctrl-C reaches the child by itself, being in the same group of the terminal
    const stay = () => undefined
    const forward = () => child.kill('SIGTERM')
    process.on('SIGINT', stay).on('SIGTERM', forward)
    child.once('error', failed)
    child.once('close', (code, signal) => {
      process.off('SIGINT', stay).off('SIGTERM', forward)
      done(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}
