import { execFile, spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { SetUpError } from './set-up-error.mjs'

/** @type {Set<number>} process groups that must not outlive this process */
const running = new Set()

/** Ends everything that was started and still runs, with all its children. */
export function endRunning() {
  for (const group of running) {
    try {
      process.kill(-group, 'SIGTERM')
    } catch {
      // it ended in the meantime
    }
  }
  running.clear()
}
process.on('exit', endRunning)

const tailBytes = 4096
const tailLines = 15

/**
 * @param {number} file
 * @returns the last lines written
 */
function tailOf(file) {
  const { size } = fstatSync(file)
  const buffer = Buffer.alloc(Math.min(size, tailBytes))
  readSync(file, buffer, 0, buffer.length, size - buffer.length)
  return buffer.toString('utf8').trimEnd().split('\n').slice(-tailLines).join('\n')
}

/**
 * Runs a command to its end; what it prints goes to the log.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ log: string, cwd?: string, env?: Record<string, string | undefined>, timeoutSeconds?: number, what: string, next: string }} options
 *   `what`: names the act in the error, for example `building influxd`
 * @returns {Promise<void>}
 * @throws {SetUpError} when it cannot be started, fails, is ended by a signal, or takes longer than `timeoutSeconds`
 */
export function runLogged(command, args, options) {
  mkdirSync(dirname(options.log), { recursive: true })
  const log = openSync(options.log, 'a+')
  writeSync(log, `$ ${command} ${args.join(' ')}\n`)
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd: options.cwd, env: { ...process.env, ...options.env }, stdio: ['ignore', log, log], detached: true })
    const group = child.pid
    if (group !== undefined) running.add(group)
    const timer =
      options.timeoutSeconds === undefined || group === undefined
        ? undefined
        : setTimeout(() => process.kill(-group, 'SIGTERM'), options.timeoutSeconds * 1000)
    let ended = false
    /** @param {unknown} cause @param {string} how */
    const end = (cause, how) => {
      // a command that cannot be started is told twice
      if (ended) return
      ended = true
      clearTimeout(timer)
      if (group !== undefined) running.delete(group)
      const tail = tailOf(log)
      closeSync(log)
      if (how === '') done()
      else failed(new SetUpError(`${options.what} ${how}`, { next: options.next, log: options.log, tail, cause }))
    }
    child.once('error', (error) => end(error, `could not be started: ${error.message}`))
    child.once('close', (code, signal) => end(undefined, code === 0 ? '' : signal === null ? `failed (exit code ${code})` : `was ended by ${signal}`))
  })
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string>, timeoutSeconds?: number, cwd?: string }} options
 * @returns {Promise<string | undefined>} what it printed, trimmed; undefined when it failed
 */
export function outputOf(command, args, options = {}) {
  return new Promise((done) => {
    execFile(
      command,
      [...args],
      { cwd: options.cwd, env: { ...process.env, ...options.env }, timeout: (options.timeoutSeconds ?? 30) * 1000, maxBuffer: 1 << 24 },
      (error, stdout) => done(error === null ? stdout.trim() : undefined),
    )
  })
}
