import { styleText } from 'node:util'
import { exitCodes, type ExitCode } from '../domain/problem.ts'
import { type Invocation, parseLine } from './arguments.ts'
import { commandHelp, overview } from './help.ts'

/** What a command does; each lives in its own file, loaded only when it is called. */
export type CommandRun = (invocation: Invocation, signal: AbortSignal) => Promise<ExitCode>

/**
 * Runs one command line.
 * @param words  the words after `prescale`
 * @returns the exit code; see `exitCodes`
 */
export async function main(words: readonly string[]): Promise<ExitCode> {
  // a reader that has seen enough, such as `head`, is no failure
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(exitCodes.done)
  })
  if (words[0] === '__complete') return (await import('./run/complete.ts')).run(words.slice(1))
  const parsed = parseLine(words)
  switch (parsed.kind) {
    case 'overview':
      process.stdout.write(overview())
      return exitCodes.done
    case 'help':
      process.stdout.write(commandHelp(parsed.command))
      return exitCodes.done
    case 'fault':
      return failure('usage', parsed.message, parsed.next, exitCodes.badInput, words.includes('--json'))
    case 'run':
      return runCommand(parsed.invocation)
  }
}

async function runCommand(invocation: Invocation): Promise<ExitCode> {
  const abort = new AbortController()
  const interrupt = (): void => abort.abort(new Error('interrupted'))
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  const json = invocation.options['json'] === true
  try {
    const module = (await import(`./run/${invocation.command.name}.ts`)) as { run: CommandRun }
    return await module.run(invocation, abort.signal)
  } catch (error) {
    if (abort.signal.aborted) return failure('interrupted', `${invocation.command.name} was interrupted; what was done stays done`, 'prescale status', exitCodes.interrupted, json)
    if (isProblem(error)) return failure(error.code, error.message, error.next, error.exitCode, json)
    const stack = process.env['PRESCALE_DEBUG'] === undefined ? '' : `\n${(error as Error).stack ?? ''}`
    return failure('unexpected', `${error instanceof Error ? error.message : String(error)}${stack}`, 'run it again with PRESCALE_DEBUG=1 and report what it prints', exitCodes.error, json)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

/** By shape: the class itself need not be loaded to print it. */
function isProblem(error: unknown): error is { code: string; message: string; next: string; exitCode: ExitCode } {
  return error instanceof Error && error.name === 'Problem'
}

/** Prints a failure: as sentences on standard error, or with `--json` as the one document on standard output. */
function failure(code: string, message: string, next: string, exitCode: ExitCode, json: boolean): ExitCode {
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message, next, exitCode } }, undefined, 2)}\n`)
  else {
    const stream = process.stderr
    stream.write(`${styleText('red', `error ${code}`, { stream })}: ${message}\n  ${styleText('dim', 'next:', { stream })} ${next}\n`)
  }
  return exitCode
}
