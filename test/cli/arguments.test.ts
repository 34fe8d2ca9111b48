import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { listOption, parseLine, textOption } from '../../src/cli/arguments.ts'
import { commandTable } from '../../src/cli/commands.ts'

const messageOf = (...words: readonly string[]): string => {
  const parsed = parseLine(words)
  assert.equal(parsed.kind, 'fault')
  return parsed.kind === 'fault' ? parsed.message : ''
}

test('every command of the table has its code, and nothing else lies beside it', () => {
  const files = readdirSync(join(import.meta.dirname, '../../src/cli/run')).map((name) => name.replace(/\.ts$/, ''))
  assert.deepEqual(files.filter((name) => name !== 'complete').sort(), commandTable.map(({ name }) => name).sort())
})

test('every example of the table is a line that the table accepts', () => {
  for (const { name, example } of commandTable) {
    const line = /prescale ((?:"[^"]*"|[^)"|>])+)/.exec(example)?.[1] ?? ''
    const words = (line.match(/"[^"]*"|[^\s"]+/g) ?? []).map((word) => word.replaceAll('"', ''))
    const parsed = parseLine(words)
    assert.equal(parsed.kind === 'run' ? parsed.invocation.command.name : parsed, name)
  }
})

test('options are read wherever they stand, with = or without', () => {
  const parsed = parseLine(['--json', 'history'].reverse())
  assert.ok(parsed.kind === 'run' && parsed.invocation.options['json'] === true)
  const named = parseLine(['destroy', '--yes=sandbox', 'aws-us-east-1'])
  assert.ok(named.kind === 'run')
  assert.deepEqual([named.invocation.options['yes'], named.invocation.positionals], ['sandbox', ['aws-us-east-1']])
})

test('a wrong word is answered with what was meant', () => {
  assert.equal(messageOf('forcast'), 'there is no command forcast; did you mean forecast')
  assert.equal(messageOf('plan', '--jsn'), 'plan has no option --jsn; did you mean --json')
  assert.equal(messageOf('plan', '--frobnicate'), 'plan has no option --frobnicate')
})

test('what is missing, too much, or not among the choices is said', () => {
  assert.match(messageOf('explain'), /^pool is missing: /)
  assert.equal(messageOf('plan', 'this'), 'plan takes no argument this')
  assert.match(messageOf('completion', 'powershell'), /powershell.*bash, zsh, fish/)
  assert.match(messageOf('demo', '--fast-forward'), /fast-forward/)
})

test('a repeatable option keeps every value in order, and no other option does', () => {
  const parsed = parseLine(['plan', '--what-if', 'demand x2', '--what-if=lose aws/us-east-1'])
  assert.ok(parsed.kind === 'run')
  assert.deepEqual(listOption(parsed.invocation, 'what-if'), ['demand x2', 'lose aws/us-east-1'])
  assert.deepEqual(listOption(parsed.invocation, 'out'), [])
  const last = parseLine(['plan', '--out', 'a', '--out', 'b'])
  assert.ok(last.kind === 'run' && textOption(last.invocation, 'out') === 'b')
})

test('a required option is asked for by name', () => {
  assert.match(messageOf('evaluate', '--out', 'f.csv'), /^--data is missing: demand as CSV/)
  assert.match(messageOf('evaluate', '--data', 'd.csv'), /^--out is missing: /)
})

test('help is given for the whole and for a command, whatever else stands there', () => {
  assert.equal(parseLine([]).kind, 'overview')
  assert.equal(parseLine(['-h']).kind, 'overview')
  assert.equal(parseLine(['plan', '-h']).kind, 'help')
  assert.equal(parseLine(['explain', '--help']).kind, 'help')
})
