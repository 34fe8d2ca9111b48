// runs test files with node's own runner: quick ones first, those that drive real engines and servers (test/e2e) last
import { globSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative, resolve, sep } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { root } from './bootstrap/places.mjs'

const fileTimeoutMs = 10 * 60_000
const pattern = '**/*.test.ts'
const endToEnd = join('test', 'e2e') + sep

/** @param {readonly string[]} selection files or folders @returns {string[]} paths of test files from the checkout's root, sorted */
function testFiles(selection) {
  const files = selection.flatMap((given) => {
    const path = resolve(given)
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) throw new Error(`no such test file or folder: ${given}`)
    return found.isFile() ? [path] : globSync(pattern, { cwd: path }).map((name) => join(path, name))
  })
  return [...new Set(files.map((file) => relative(root, file)))].sort()
}

const selection = process.argv.slice(2)
const files = testFiles(selection.length === 0 ? [join(root, 'test')] : selection)
const phases = [
  { files: files.filter((file) => !file.startsWith(endToEnd)), concurrency: availableParallelism() },
  { files: files.filter((file) => file.startsWith(endToEnd)), concurrency: Math.max(1, Math.floor(availableParallelism() / 2)) },
]

/** The runner's closing counts, added up over the phases. @type {Map<string, number>} */
const totals = new Map()
const closing = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/

/** One stream of events of all phases, with one set of closing counts. */
async function* events() {
  for (const phase of phases) {
    if (phase.files.length === 0) continue
    for await (const event of run({ files: phase.files, concurrency: phase.concurrency, timeout: fileTimeoutMs, cwd: root })) {
      const count = event.type === 'test:diagnostic' ? closing.exec(event.data.message) : null
      if (count?.[1] === undefined) yield event
      else totals.set(count[1], (totals.get(count[1]) ?? 0) + Number(count[2]))
    }
  }
  for (const [name, count] of totals) yield { type: 'test:diagnostic', data: { nesting: 0, message: `${name} ${count}`, level: 'info' } }
}

await pipeline(Readable.from(events()), new spec(), process.stdout, { end: false })

const count = (/** @type {string} */ name) => totals.get(name) ?? 0
if (count('skipped') + count('todo') > 0) process.stdout.write('tests were skipped; a test that cannot run here must fail\n')
const passed = count('tests') > 0 && count('pass') === count('tests')
process.exitCode = passed ? 0 : 1
