import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { parse } from 'yaml'
import { z } from 'zod'
import { loadCatalogue, loadSettings } from '../../src/config/load-settings.ts'
import { referencePage } from '../../src/config/reference-page.ts'
import { shapeOf } from '../../src/config/schema-tree.ts'
import { referenceFiles, smallestCatalogue, smallestSettings } from '../../src/config/reference-files.ts'

const root = join(import.meta.dirname, '..', '..')
const files = referenceFiles()

function schema(name: string): ReturnType<Ajv['compile']> {
  return new Ajv({ allErrors: true, formats: { date: true } }).compile(JSON.parse(files[name] ?? '') as object)
}

test('docs/reference is what the schemas generate (mend: node scripts/generate-reference.mjs)', () => {
  for (const [name, text] of Object.entries(files)) assert.equal(readFileSync(join(root, 'docs', 'reference', name), 'utf8'), text, name)
})

test('the examples of the reference pages load', () => {
  assert.equal(loadSettings(smallestSettings, 'prescale.yaml').name, 'shop')
  assert.equal(loadCatalogue(smallestCatalogue, 'catalogue.yaml').types[0]?.type, 'm7g.large')
})

test("editors find no fault in the repository's own files", () => {
  for (const [file, name] of [
    ['prescale.yaml', 'prescale.schema.json'],
    ['catalogue.yaml', 'catalogue.schema.json'],
  ] as const) {
    const check = schema(name)
    assert.ok(check(parse(readFileSync(join(root, file), 'utf8'), { merge: true })), JSON.stringify(check.errors))
  }
})

test('editors mark what loading refuses by its form', () => {
  const check = schema('prescale.schema.json')
  const wrong: readonly (readonly [from: string, to: string, where: string])[] = [
    ['name: shop', 'name: Shop', '/name'],
    ['name: shop', 'name: shop\nexpirry: 3h', ''],
    ['name: shop', 'name: shop\nexpiry: 300', '/expiry'],
    ['name: shop', 'name: shop\nexpiry: 0s', '/expiry'],
    ['source: influx2', 'source: influx', '/history/source'],
    ['kind: count', 'kind: counts', '/workloads/0/demand/kind'],
    ['vcpu: 0.02', 'vcpu: 0', '/workloads/0/serves/perUnit/vcpu'],
    ['cloud: aws', 'cloud: asw', '/regions/0/cloud'],
    ['longitude: -74.0', 'longitude: -740', '/userZones/0/longitude'],
    ['    unit: requests/s\n', '', '/workloads/0'],
  ]
  assert.ok(check(parse(smallestSettings)))
  for (const [from, to, where] of wrong) {
    assert.equal(check(parse(smallestSettings.replace(from, to))), false, to)
    assert.ok(
      check.errors?.some((error) => error.instancePath === where),
      `${to}: ${JSON.stringify(check.errors)}`,
    )
  }
})

test('defaults in the editor schema are values as they are written, so that completion inserts what loads', () => {
  const { properties } = JSON.parse(files['prescale.schema.json'] ?? '') as {
    properties: Record<string, { default?: unknown; description?: string }>
  }
  assert.equal(properties['expiry']?.default, '3h')
  assert.equal(properties['expiry']?.description, 'How long after it was made a plan may be applied.')
})

test('every link of a reference page leads to a heading of it or to a file beside it', () => {
  for (const [name, text] of Object.entries(files).filter(([file]) => file.endsWith('.md'))) {
    const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^a-z0-9 _-]/g, '')
        .replaceAll(' ', '-'),
    )
    assert.equal(new Set(anchors).size, anchors.length, `headings of ${name} differ`)
    for (const [, target = ''] of text.matchAll(/\]\(([^)]+)\)/g)) {
      assert.ok(target.startsWith('#') ? anchors.includes(target.slice(1)) : target in files, `${name} links to ${target}`)
    }
  }
})

test('every row of a reference page has as many cells as its table', () => {
  for (const [name, text] of Object.entries(files).filter(([file]) => file.endsWith('.md'))) {
    for (const row of text.split('\n').filter((line) => line.startsWith('|'))) {
      assert.equal(row.replaceAll('\\|', '').split('|').length, 6, `${name}: ${row}`)
    }
  }
})

test('a bar in a description stays in its cell', () => {
  const shape = shapeOf(z.strictObject({ mode: z.boolean().describe('a | b') }))
  assert.ok(referencePage(shape, { title: 'x', introduction: [] }).includes('| `mode` | true or false | **required** | a \\| b |'))
})
