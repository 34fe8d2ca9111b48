import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { openConfiguration } from '../../src/app/configuration.ts'
import type { NamedText } from '../../src/config/load-settings.ts'
import { smallestCatalogue, smallestSettings } from '../../src/config/reference-files.ts'
import { Problem } from '../../src/domain/problem.ts'

const repository = join(import.meta.dirname, '..', '..')

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'prescale-configuration-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const kept = (): string => join(root, '.prescale', 'cache', 'configuration.json')
const settings: NamedText = { text: smallestSettings, file: 'prescale.yaml' }
const catalogueOf =
  (text: string) =>
  (path: string): NamedText => ({ text, file: path })
const open = (changed: Partial<NamedText> = {}, catalogue = smallestCatalogue) =>
  openConfiguration(root, { ...settings, ...changed }, catalogueOf(catalogue))

test('what is kept is what was loaded, to the last key', async () => {
  const read = (file: string): NamedText => ({ text: readFileSync(join(repository, file), 'utf8'), file })
  const first = await openConfiguration(root, read('prescale.yaml'), read)
  assert.deepStrictEqual(await openConfiguration(root, read('prescale.yaml'), read), first)
})

test('unchanged files are not read a second time', async () => {
  await open()
  const text = readFileSync(kept(), 'utf8')
  writeFileSync(kept(), text.replaceAll('"name":"shop"', '"name":"kept"'))
  assert.equal((await open()).settings.name, 'kept')
})

test('a change of either text, or of the name that warnings carry, is read at once', async () => {
  const before = await open()
  assert.equal((await open({ text: smallestSettings.replace('name: shop', 'name: store') })).settings.name, 'store')
  const dearer = await open({}, smallestCatalogue.replace('0.0816', '0.09'))
  assert.notEqual(dearer.hashes.catalogue, before.hashes.catalogue)
  assert.equal(dearer.hashes.settings, before.hashes.settings)
  const warned = { text: smallestSettings.replace('userZones:\n', 'userZones:\n  - { name: eu-west, latitude: 51, longitude: 0 }\n') }
  assert.equal((await open(warned)).warnings[0]?.file, 'prescale.yaml')
  assert.equal((await open({ ...warned, file: '../prescale.yaml' })).warnings[0]?.file, '../prescale.yaml')
})

test('a kept file that was cut short or is not one is as if there were none', async () => {
  await open()
  for (const text of ['', '{"key":', 'null', '[]', '7']) {
    writeFileSync(kept(), text)
    assert.equal((await open()).settings.name, 'shop')
  }
})

test('a fault is told every time, also after a good file was kept', async () => {
  await open()
  for (let time = 0; time < 2; time += 1) {
    await assert.rejects(
      open({ text: smallestSettings.replace('name: shop', 'nam: shop') }),
      (error) => error instanceof Problem && error.code === 'input-invalid',
    )
  }
})

test('a project in which nothing can be kept still opens', async () => {
  mkdirSync(join(root, '.prescale'))
  writeFileSync(join(root, '.prescale', 'cache'), 'a file where the folder should be')
  assert.equal((await open()).settings.name, 'shop')
})
