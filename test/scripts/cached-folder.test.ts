import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { cachedFolder } from '../../scripts/bootstrap/cached-folder.mjs'

function aCache(t: TestContext): string {
  const cache = mkdtempSync(join(tmpdir(), 'prescale-cache-'))
  t.after(() => rmSync(cache, { recursive: true, force: true }))
  return cache
}

const fill = (text: string) => (partial: string): Promise<void> => {
  writeFileSync(join(partial, 'tool'), text)
  return Promise.resolve()
}

test('a folder of the cache is made once and then only looked at', async (t) => {
  const cache = aCache(t)
  const folder = join(cache, 'tool', '1.0')
  await cachedFolder(folder, fill('first'))
  await cachedFolder(folder, fill('second'))
  assert.equal(readFileSync(join(folder, 'tool'), 'utf8'), 'first')
  assert.deepEqual(readdirSync(join(cache, 'tool')), ['1.0'])
})

test('a build that fails half-way leaves nothing behind and is done anew', async (t) => {
  const folder = join(aCache(t), 'tool', '1.0')
  const failing = async (partial: string): Promise<void> => {
    await fill('half')(partial)
    assert.ok(!existsSync(folder), 'the folder is in its place before it is complete')
    throw new Error('no space left')
  }
  await assert.rejects(cachedFolder(folder, failing), /no space left/)
  assert.deepEqual(readdirSync(join(folder, '..')), [])
  await cachedFolder(folder, fill('whole'))
  assert.equal(readFileSync(join(folder, 'tool'), 'utf8'), 'whole')
})

test('of two that want a folder at once the second waits and uses what the first made', async (t) => {
  const folder = join(aCache(t), 'tool', '1.0')
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<undefined>()
  const { promise: isWaiting, resolve: waits } = Promise.withResolvers<undefined>()
  const first = cachedFolder(folder, async (partial) => {
    await mayEnd
    await fill('first')(partial)
  })
  const second = cachedFolder(folder, fill('second'), () => waits(undefined))
  await isWaiting
  end(undefined)
  await Promise.all([first, second])
  assert.equal(readFileSync(join(folder, 'tool'), 'utf8'), 'first')
})

test('what a killed build left is taken over at once and swept away when it is old', async (t) => {
  const folder = join(aCache(t), 'tool', '1.0')
  const dayAgo = new Date(Date.now() - 86_400_000)
  for (const left of [`${folder}.lock`, `${folder}.partial-dead`]) {
    mkdirSync(left, { recursive: true })
    utimesSync(left, dayAgo, dayAgo)
  }
  await cachedFolder(folder, fill('alive'))
  assert.deepEqual(readdirSync(join(folder, '..')), ['1.0'])
})
