// npm start [-- options of `prescale demo`]: makes the machine ready, then runs the demo
import { join } from 'node:path'
import { bootstrap } from './bootstrap/bootstrap.mjs'
import { root } from './bootstrap/places.mjs'
import { runChild } from './bootstrap/run-child.mjs'

const { node, env } = await bootstrap({ for: 'demo' })
process.exitCode = await runChild(node, [join(root, 'bin', 'prescale.mjs'), 'demo', ...process.argv.slice(2)], env)
