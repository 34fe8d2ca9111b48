import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { completionScript, type CommandLine } from '../../src/cli/completion.ts'
import { commandTable, globalOptions } from '../../src/cli/commands.ts'

const line: CommandLine = {
  commands: [
    {
      name: 'apply',
      summary: "apply one stack's plan",
      arguments: [{ name: 'stack', summary: 'which', required: 'optional', completes: 'stack' }],
      options: [
        { long: 'override', value: 'guard', summary: 'let [one] guard pass: once', choices: ['budget', 'floor'] },
        { long: 'out', short: 'o', value: 'file', summary: 'write there', completes: 'file' },
      ],
      example: 'prescale apply',
    },
    {
      name: 'sandbox',
      summary: 'play',
      arguments: [
        { name: 'action', summary: 'what', required: 'required', choices: ['advance', 'status'] },
        { name: 'pool', summary: 'which', required: 'optional', completes: 'pool' },
      ],
      options: [],
      example: 'prescale sandbox status',
    },
    { name: 'status', summary: 'what is', arguments: [], options: [], example: 'prescale status' },
  ],
  globalOptions: [
    { long: 'json', summary: 'print JSON' },
    { long: 'project', value: 'directory', summary: 'where', completes: 'directory' },
  ],
}

let folder = ''
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'prescale-completion-'))
  mkdirSync(join(folder, 'bin'))
  mkdirSync(join(folder, 'work', 'one folder'), { recursive: true })
  writeFileSync(join(folder, 'work', 'oneself.txt'), '')
  // Answers as `prescale __complete` does; one name would run a command if a script let the shell expand it.
  writeFileSync(
    join(folder, 'bin', 'prescale'),
    `#!/bin/sh\n[ "$1" = __complete ] || exit 9\ncase $2 in\n stack) printf '%s\\n' aws-us-east-1 aws-eu-west-1 'gcp-$(touch ${folder}/ran)' ;;\n pool) printf '%s\\n' aws/us-east-1/web/m7g.large/spot ;;\nesac\n`,
  )
  chmodSync(join(folder, 'bin', 'prescale'), 0o755)
  writeFileSync(join(folder, 'complete.bash'), completionScript('bash', line))
})
after(() => rmSync(folder, { recursive: true, force: true }))

/** What bash offers at the end of the words; readline hands `=` over as a word of its own. */
function offered(...words: readonly string[]): readonly string[] {
  const script = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _prescale; printf '%s\\n' "\${COMPREPLY[@]}"`
  const output = execFileSync('bash', ['--norc', '-c', script, 'bash', join(folder, 'complete.bash'), 'prescale', ...words], {
    cwd: join(folder, 'work'),
    env: { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` },
    encoding: 'utf8',
  })
  return output.split('\n').filter((word) => word !== '')
}

test('bash offers the commands that begin with what was typed', () => {
  assert.deepEqual(offered('s'), ['sandbox', 'status'])
  assert.deepEqual(offered(''), ['apply', 'sandbox', 'status', '--help'])
})

test('bash offers the options of the command and those of every command', () => {
  assert.deepEqual(offered('apply', '--o'), ['--override', '--out'])
  assert.deepEqual(offered('status', '--'), ['--json', '--project'])
})

test('bash offers the names that the project has, and never runs what stands in them', () => {
  assert.deepEqual(offered('apply', 'aws-e'), ['aws-eu-west-1'])
  assert.equal(offered('apply', 'gcp').length, 1)
  assert.throws(() => readFileSync(join(folder, 'ran')))
})

test('bash offers the values of an option, after a space and after =', () => {
  assert.deepEqual(offered('apply', '--override', ''), ['budget', 'floor'])
  assert.deepEqual(offered('apply', '--override', '=', 'f'), ['floor'])
  assert.deepEqual(offered('apply', '--override', '='), ['budget', 'floor'])
})

test('bash counts arguments without options and their values', () => {
  assert.deepEqual(offered('sandbox', ''), ['advance', 'status'])
  assert.deepEqual(offered('sandbox', '--project', 'x', '--json', 'advance', 'aws'), ['aws/us-east-1/web/m7g.large/spot'])
  assert.deepEqual(offered('sandbox', '--project', '=', 'x', 'advance', 'aws'), ['aws/us-east-1/web/m7g.large/spot'])
  assert.deepEqual(offered('sandbox', 'status', 'aws', ''), [])
})

test('bash offers folders alone where a folder belongs, with blanks in their names', () => {
  assert.deepEqual(offered('status', '--project', 'one'), ['one folder'])
  assert.deepEqual([...offered('apply', '-o', 'one')].sort(), ['one folder', 'oneself.txt'])
})

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  test(`the ${shell} script is the one that was tried in ${shell}`, () => {
    assert.equal(completionScript(shell, line), readFileSync(join(import.meta.dirname, 'golden', `completion.${shell}`), 'utf8'))
  })
}

test("the scripts of prescale's own table name every command and option", () => {
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    const script = completionScript(shell, { commands: commandTable, globalOptions })
    for (const command of commandTable) {
      assert.ok(script.includes(command.name), `${shell} ${command.name}`)
      for (const option of command.options)
        assert.match(script, shell === 'fish' ? new RegExp(`-l ${option.long}\\b`) : new RegExp(`--${option.long}\\b`))
    }
  }
})

test('zsh goes on offering a repeatable option after it was given', () => {
  const script = completionScript('zsh', { commands: commandTable, globalOptions })
  assert.ok(script.includes("'*--what-if=["))
  assert.ok(script.includes("'--frontier["))
})
