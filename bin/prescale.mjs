#!/usr/bin/env node
import { existsSync } from 'node:fs'
import module from 'node:module'
import { homedir } from 'node:os'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const commands = `${root}node_modules/.bin`
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 18)) {
  const node = `${commands}/node`
  if (existsSync(node)) {
    const { spawn } = await import('node:child_process')
    const child = spawn(node, [`${root}bin/prescale.mjs`, ...process.argv.slice(2)], { stdio: 'inherit' })
    // Ctrl-C reaches the child by itself, being in the same group of the terminal
    process.on('SIGINT', () => undefined)
    for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal))
    child.once('close', (code, signal) => {
      if (signal === null) process.exitCode = code ?? 1
      else process.kill(process.pid, signal)
    })
  } else {
    process.stderr.write(`error: prescale needs Node 22.18 or newer, this is ${process.versions.node}\n  next: npm start, or npm ci (both install Node 24 in this folder)\n`)
    process.exitCode = 1
  }
} else if (!existsSync(commands)) {
  process.stderr.write('error: the packages of prescale are not installed\n  next: npm start, or npm ci\n')
  process.exitCode = 1
} else {
  // children find the engine, its language host and this Node where npm and the set-up linked them
  if (!process.env.PATH?.startsWith(`${commands}:`)) process.env.PATH = `${commands}:${process.env.PATH ?? ''}`
  // threads and children find it by the environment
  process.env.NODE_COMPILE_CACHE ??= `${process.env.XDG_CACHE_HOME || `${homedir()}/.cache`}/prescale/compiled`
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE)
  const { main } = await import('../src/cli/main.ts')
  process.exitCode = await main(process.argv.slice(2))
}
