import assert from 'node:assert/strict'
import { test } from 'node:test'
import { showProgress } from '../../scripts/bootstrap/progress.mjs'

function aStream(isTTY: boolean): { readonly isTTY: boolean; readonly columns: number; text: string; write(text: string): void } {
  return {
    isTTY,
    columns: 60,
    text: '',
    write(text) {
      this.text += text
    },
  }
}

test('what is there already costs no line', async () => {
  const stream = aStream(false)
  const progress = showProgress(stream)
  assert.equal(await progress.run('engine', () => Promise.resolve(3), () => 'ready'), 3)
  progress.close()
  assert.equal(stream.text, '')
})

test('in a pipe a step is one line when it begins and one when it ends, and a minute between them is told', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const stream = aStream(false)
  let now = 0
  const progress = showProgress(stream, () => now)
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const run = progress.run('engine', (step) => (step.begin('building Pulumi', '4 min'), promise), () => 'Pulumi is ready')
  now = 61_000
  t.mock.timers.tick(1_000)
  now = 232_000
  resolve(undefined)
  await run
  progress.close()
  assert.deepEqual(stream.text.split('\n'), [
    '· engine      building Pulumi (usually 4 min)',
    '· engine      still building Pulumi, 1 min 1 s (usually 4 min)',
    '✓ engine      Pulumi is ready (3 min 52 s)',
    '',
  ])
})

test('on a terminal a step is drawn over itself and never wraps', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const stream = aStream(true)
  let now = 0
  const progress = showProgress(stream, () => now)
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const run = progress.run('engine', (step) => (step.begin('building a thing with a long name from its sources', '4 min'), promise), () => 'done')
  now = 4_000
  t.mock.timers.tick(200)
  const drawn = stream.text.split('\x1b[1A\x1b[0J')
  assert.equal(drawn.length, 2)
  assert.ok((drawn[1] ?? '').trimEnd().length < 60)
  resolve(undefined)
  await run
  progress.close()
  assert.ok(stream.text.endsWith('✓ engine      done (4.0 s)\n'))
})

test('a step that fails says so and passes its error on', async () => {
  const stream = aStream(false)
  const progress = showProgress(stream, () => 0)
  const failing = progress.run('engine', (step) => {
    step.begin('building Pulumi')
    return Promise.reject(new Error('go is not on PATH'))
  }, () => 'ready')
  await assert.rejects(failing, /go is not on PATH/)
  assert.match(stream.text, /✗ engine {6}go is not on PATH \(0\.0 s\)/)
})
