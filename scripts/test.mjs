// npm test [-- files or folders under test/]: makes the machine ready, checks types and style, runs the tests
import { join } from 'node:path'
import { bootstrap } from './bootstrap/bootstrap.mjs'
import { root } from './bootstrap/places.mjs'
import { runChild } from './bootstrap/run-child.mjs'

const selection = process.argv.slice(2)
const { node, env } = await bootstrap({ for: 'tests' })
const checked = selection.length > 0 ? 0 : await runChild(node, [join(root, 'scripts', 'check.mjs')], env)
const tested = await runChild(node, [join(root, 'scripts', 'run-tests.mjs'), ...selection], env)
if (checked !== 0) process.stdout.write('the type check or the lint failed, see above the tests\n')
process.exitCode = tested === 0 ? checked : tested
