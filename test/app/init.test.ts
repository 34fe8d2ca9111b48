import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import fc from 'fast-check'
import { layOutProject, nameFromFolder, projectFiles, type ProjectSeed } from '../../src/app/init.ts'
import { loadConfiguration } from '../../src/config/load-settings.ts'
import { name } from '../../src/config/kinds.ts'
import { Problem } from '../../src/domain/problem.ts'

const root = join(import.meta.dirname, '..', '..')
const seed: ProjectSeed = {
  name: 'my-fleet',
  prescale: '..',
  packages: 'found',
  catalogue: readFileSync(join(root, 'catalogue.yaml'), 'utf8'),
}

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'prescale-init-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function loaded(settings: string): ReturnType<typeof loadConfiguration> {
  const files = projectFiles(seed)
  return loadConfiguration({ text: settings, file: 'prescale.yaml' }, (path) => ({ text: files[path] ?? '', file: path }))
}

test('a new project loads without a fault or a warning', () => {
  const { settings, warnings } = loaded(projectFiles(seed)['prescale.yaml'] ?? '')
  assert.equal(settings.name, 'my-fleet')
  assert.deepEqual(warnings, [])
})

test('a new project asks for approval and leaves the count to the cloud: nothing moves before someone looked', () => {
  const { settings } = loaded(projectFiles(seed)['prescale.yaml'] ?? '')
  assert.equal(settings.approval, 'always')
  assert.ok(settings.workloads.every((workload) => workload.owns === 'bounds'))
})

test('every example that is commented out loads when it is uncommented as it is', () => {
  const text = (projectFiles(seed)['prescale.yaml'] ?? '').replaceAll(/^#(?! )(.*)$/gm, '$1').replaceAll(/^#( {2,}.*)$/gm, '$1')
  const { settings } = loaded(text)
  assert.deepEqual(
    settings.regions.map((region) => region.cloud),
    ['aws', 'aws', 'gcp', 'azure'],
  )
  assert.equal(settings.limits.usdPerHour, 100)
  assert.equal(settings.workloads[0]?.maintenance.length, 1)
})

test('laying out writes every file, and a second time refuses with all files in the way and changes none', () => {
  const files = projectFiles(seed)
  assert.deepEqual(layOutProject(join(directory, 'deep', 'fleet'), files), Object.keys(files).sort())
  writeFileSync(join(directory, 'deep', 'fleet', 'prescale.yaml'), 'mine')
  assert.throws(
    () => layOutProject(join(directory, 'deep', 'fleet'), files),
    (error) => error instanceof Problem && error.code === 'files-exist' && Object.keys(files).every((path) => error.message.includes(path)),
  )
  assert.equal(readFileSync(join(directory, 'deep', 'fleet', 'prescale.yaml'), 'utf8'), 'mine')
})

test('one file in the way is enough to write nothing at all', () => {
  writeFileSync(join(directory, '.gitignore'), 'mine')
  assert.throws(() => layOutProject(directory, projectFiles(seed)), /already has \.gitignore; nothing was written/)
  assert.deepEqual(readdirSync(directory), ['.gitignore'])
})

test('when writing fails midway, what was written is taken back', () => {
  mkdirSync(join(directory, 'stacks'))
  assert.throws(() => layOutProject(directory, { 'a.yaml': 'a', 'b\u0000.yaml': 'b' }))
  assert.deepEqual(readdirSync(directory), ['stacks'])
})

test('any folder name gives a name that the settings accept', () => {
  assert.equal(nameFromFolder('My Fleet (2026)'), 'my-fleet-2026')
  assert.equal(nameFromFolder('2026'), 'fleet')
  fc.assert(fc.property(fc.string({ maxLength: 80 }), (folder) => name.safeParse(nameFromFolder(folder)).success))
})

test('a project outside prescale links the packages that its program shares with prescale, one inside finds them', () => {
  const outside = JSON.parse(projectFiles({ ...seed, prescale: '../prescale', packages: 'linked' })['package.json'] ?? '') as {
    dependencies: Record<string, string>
  }
  assert.deepEqual(outside.dependencies, { '@pulumi/pulumi': 'file:../prescale/node_modules/@pulumi/pulumi', prescale: 'file:../prescale' })
  assert.equal('dependencies' in (JSON.parse(projectFiles(seed)['package.json'] ?? '') as object), false)
})
