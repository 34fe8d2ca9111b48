import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseYaml, pathText, readYaml } from '../../src/documents/read-yaml.ts'
import { faultLine, Problem } from '../../src/domain/problem.ts'

function told(text: string, bounds?: Parameters<typeof parseYaml>[2]): readonly string[] {
  return parseYaml(text, 'a.yaml', bounds).faults.map(faultLine)
}

test('anchors and merge keys are filled in, and a fault below them points to where the value was written', () => {
  const text = 'base: &base\n  size: 3\n  name: x\nuses:\n  - <<: *base\n    name: y\n  - *base\n'
  const document = readYaml(text, 'a.yaml', 'the file')
  assert.deepEqual(document.value, {
    base: { size: 3, name: 'x' },
    uses: [
      { size: 3, name: 'y' },
      { size: 3, name: 'x' },
    ],
  })
  assert.equal(faultLine(document.fault(['uses', 0, 'size'], 'is 3')), 'a.yaml:2:9 uses[0].size: is 3')
  assert.equal(faultLine(document.fault(['uses', 0, 'name'], 'is y')), 'a.yaml:6:11 uses[0].name: is y')
  assert.equal(faultLine(document.fault(['uses', 1], 'is wrong')), 'a.yaml:7:5 uses[1]: is wrong')
})

test('a fault at what the file does not hold points to the nearest thing around it', () => {
  const document = readYaml('a:\n  b:\n    - c: 1\n', 'a.yaml', 'the file')
  assert.equal(faultLine(document.fault(['a', 'b', 0, 'd'], 'is missing')), 'a.yaml:3:7 a.b[0].d: is missing')
  assert.equal(faultLine(document.fault(['a', 'x', 'y'], 'is missing')), 'a.yaml:1:1 a.x.y: is missing')
  assert.equal(faultLine(document.keyFault(['a', 'b'], 'is odd')), 'a.yaml:2:3 a.b: is odd')
  assert.deepEqual([document.has(['a', 'b', 0, 'c']), document.has(['a', 'b', 1]), document.has(['x'])], [true, false, false])
})

test('a key that stands twice is a fault, and the rest of the file is still read', () => {
  const reading = parseYaml('a: 1\nb: 2\na: 3\n', 'a.yaml')
  assert.deepEqual(reading.faults.map(faultLine), ['a.yaml:3:1 the key a stands twice in one block'])
  assert.deepEqual(reading.document?.value, { a: 3, b: 2 })
})

test('syntax faults say what to do, one for each line', () => {
  assert.deepEqual(told('a: 1\n\tb: 2\n'), ['a.yaml:2:1 is indented by a tab, expected spaces'])
  assert.deepEqual(told('a: @x\n'), ['a.yaml:1:4 starts with the reserved character @, expected text in quotes'])
  assert.deepEqual(told('a: 1\n---\nb: 2\n'), ['a.yaml:2:1 starts a second document, expected one per file'])
  assert.deepEqual(told('a: *x\n'), [
    'a.yaml:1:4 *x refers to an anchor that is not set above it; text that starts with * must be in quotes',
  ])
  assert.match(told('a: b: c\n').join(), /^a\.yaml:1:4 is not YAML: .* \(check the indentation, and put text with a colon in quotes\)$/)
  assert.match(told('a: "open\n')[0] ?? '', /^a\.yaml:2:1 is not YAML: missing closing "quote/)
  assert.deepEqual(told('<<: 3\na: 1\n'), ['a.yaml:1:1 << merges blocks, expected an anchor of a block or a list of them'])
})

test('references that grow without end, or refer to themselves, are refused in no time', () => {
  const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let level = 1; level < 40; level += 1)
    bomb.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`)
  assert.deepEqual(told(bomb.join('\n')), ['a.yaml grows to more than 1000000 values through its references'])
  assert.deepEqual(told('a: &a [1, *a]\n'), ['a.yaml:1:11 *a refers to itself'])
})

test('two hundred uses of one anchor are no bomb', () => {
  const text = ['base: &base { size: 3 }', 'list:', ...Array.from({ length: 200 }, () => '  - <<: *base')].join('\n')
  assert.equal((readYaml(text, 'a.yaml', 'the file').value as { list: unknown[] }).list.length, 200)
})

test('size and depth are bounded before they cost anything', () => {
  assert.deepEqual(told('a: 12345678', { characters: 10, values: 10 }), ['a.yaml has 11 characters, above the limit of 10'])
  assert.deepEqual(told('['.repeat(101) + ']'.repeat(101)), ['a.yaml:1:101 is nested more than 100 deep'])
  assert.deepEqual(told('['.repeat(99) + ']'.repeat(99)), [])
  assert.match(told('['.repeat(100_000)).join(), /is nested more than 100 deep/)
})

test('reading throws every syntax fault as one problem', () => {
  assert.throws(
    () => readYaml('a: @x\nb: @y\n', 'a.yaml', 'the file'),
    (error) =>
      error instanceof Problem &&
      error.code === 'input-invalid' &&
      error.message.includes('a.yaml:1:4') &&
      error.message.includes('a.yaml:2:4'),
  )
})

test('an empty file is a document without a value', () => {
  const document = readYaml('', 'a.yaml', 'the file')
  assert.equal(document.value, null)
  assert.equal(faultLine(document.fault([], 'is empty')), 'a.yaml:1:1 is empty')
})

test('paths show names that dots would garble in brackets', () => {
  assert.equal(pathText(['pools', 1, 'perNode', 'm7g.large', 'aws/x']), 'pools[1].perNode["m7g.large"].aws/x')
})
