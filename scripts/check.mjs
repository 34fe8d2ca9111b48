// npm run check: type check, lint, and whether the network's fast backend is the one that loads
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { spelled } from './bootstrap/duration.mjs'
import { commandFolder, root } from './bootstrap/places.mjs'

const caches = join(root, 'node_modules', '.cache', 'prescale')
const checks = [
  { name: 'type check', command: join(commandFolder, 'tsc'), args: ['--noEmit', '--incremental', '--tsBuildInfoFile', join(caches, 'tsc.json'), '--pretty', 'false'] },
  { name: 'lint', command: join(commandFolder, 'eslint'), args: ['--max-warnings', '0', '.'] },
  { name: 'fast backend', command: join(root, 'scripts', 'check-backend.mjs'), args: [] },
]

/** @param {(typeof checks)[number]} check @returns {Promise<boolean>} */
function run({ name, command, args }) {
  const since = performance.now()
  const child = spawn(process.execPath, [command, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  /** @param {Buffer} chunk */
  const collect = (chunk) => {
    output += chunk.toString('utf8')
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  return new Promise((done, failed) => {
    child.once('error', failed)
    child.once('close', (code) => {
      process.stdout.write(`${code === 0 ? '✓' : '✗'} ${name} (${spelled((performance.now() - since) / 1000)})\n${output}`)
      done(code === 0)
    })
  })
}

const passed = await Promise.all(checks.map(run))
process.exitCode = passed.every(Boolean) ? 0 : 1
