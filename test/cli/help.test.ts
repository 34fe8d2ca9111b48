import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { commandTable } from '../../src/cli/commands.ts'
import { commandHelp, overview } from '../../src/cli/help.ts'

const golden = join(import.meta.dirname, 'golden')
const pages: Readonly<Record<string, string>> = {
  'help.txt': stripVTControlCharacters(overview()),
  'help-apply.txt': stripVTControlCharacters(commandHelp(commandTable.find(({ name }) => name === 'apply') ?? commandTable[0] ?? never())),
}

function never(): never {
  throw new TypeError('the table is empty')
}

test('help reads as it was last looked at; UPDATE_GOLDEN=1 writes it anew', () => {
  for (const [name, text] of Object.entries(pages)) {
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(join(golden, name), text)
    assert.equal(text, readFileSync(join(golden, name), 'utf8'))
  }
})

test('no line of any help page is wider than 80 characters, and each has an example', () => {
  for (const command of commandTable) {
    const page = stripVTControlCharacters(commandHelp(command))
    assert.deepEqual(page.split('\n').filter((line) => line.length > 80 && !line.startsWith('example')), [])
    assert.match(page, new RegExp(`example {2}.*prescale ${command.name}`))
  }
})
