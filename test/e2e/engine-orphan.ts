import { runStacks } from '../../src/reconcile/run-stacks.ts'
import type { EngineSettings, StackTarget } from '../../src/reconcile/engine.ts'

/** Program of the test that kills prescale itself: applies the stack it is given and says when the engine is at its first step. */
const { engine, target } = JSON.parse(process.argv[2] ?? '') as { engine: EngineSettings; target: StackTarget }
await runStacks('apply', [target], engine, (event) => event.kind === 'step' && process.stdout.write('step\n'), new AbortController().signal)
