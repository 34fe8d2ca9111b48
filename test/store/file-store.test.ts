import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { streamAtomically, writeAtomically } from '../../src/store/atomic-file.ts'
import { FileStore } from '../../src/store/file-store.ts'

const directory = mkdtempSync(join(tmpdir(), 'prescale-store-'))
after(() => rmSync(directory, { recursive: true }))

test('a record is read back, and one never written is undefined', () => {
  const store = new FileStore(join(directory, 'a'))
  store.write('applied/aws-us-east-1', { hash: 'x' })
  assert.deepEqual(store.read('applied/aws-us-east-1'), { hash: 'x' })
  assert.equal(store.read('applied/other'), undefined)
  assert.deepEqual(store.names('applied'), ['applied/aws-us-east-1'])
})

test('a log keeps its whole lines when the last one was cut short', () => {
  const store = new FileStore(join(directory, 'b'))
  store.append('cycles', { cycle: 1 })
  store.append('cycles', { cycle: 2 })
  appendFileSync(join(directory, 'b', 'cycles.jsonl'), '{"cycle":')
  assert.deepEqual(store.entries('cycles'), [{ cycle: 1 }, { cycle: 2 }])
})

test('writing an equal text leaves the file and its time alone, and nothing lies beside it', () => {
  const path = join(directory, 'c', 'file.yaml')
  assert.equal(writeAtomically(path, 'one\n'), 'written')
  const before = statSync(path).mtimeMs
  assert.equal(writeAtomically(path, 'one\n'), 'same')
  assert.equal(statSync(path).mtimeMs, before)
  assert.equal(writeAtomically(path, 'two\n'), 'written')
  assert.deepEqual(readdirSync(join(directory, 'c')), ['file.yaml'])
})

test('a file that is written piece by piece appears whole or not at all, compressed by its name', async () => {
  const path = join(directory, 'd', 'table.csv.gz')
  await streamAtomically(path, ['a,b\n', '1,2\n'])
  assert.equal(gunzipSync(readFileSync(path)).toString('utf8'), 'a,b\n1,2\n')
  async function* broken(): AsyncGenerator<string> {
    yield 'a,b\n'
    await Promise.reject(new Error('no more rows'))
  }
  await assert.rejects(streamAtomically(path, broken()), /no more rows/)
  assert.equal(gunzipSync(readFileSync(path)).toString('utf8'), 'a,b\n1,2\n')
  assert.deepEqual(readdirSync(join(directory, 'd')), ['table.csv.gz'])
})

test('a write that the disk does not take leaves the old text and nothing beside it', () => {
  const path = join(directory, 'kept.json')
  writeAtomically(path, 'old\n')
  const program = `import { writeAtomically } from ${JSON.stringify(join(import.meta.dirname, '..', '..', 'src', 'store', 'atomic-file.ts'))}\nwriteAtomically(${JSON.stringify(path)}, 'x'.repeat(1_000_000))`
  // no file may grow beyond 8 KiB
  const ended = spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f 8; exec "$0" --input-type=module -e "$1"`, process.execPath, program], { encoding: 'utf8' })
  assert.notEqual(ended.status, 0)
  assert.match(ended.stderr, /EFBIG|ENOSPC/)
  assert.equal(readFileSync(path, 'utf8'), 'old\n')
  assert.deepEqual(readdirSync(directory).filter((name) => name.includes('kept')), ['kept.json'])
})
