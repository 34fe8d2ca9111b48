import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'prescale-history-'))
after(() => rmSync(folder, { recursive: true }))
let folders = 0

/**
 * Writes files into a new folder that is gone after the test file.
 * @param contents  by file name
 * @returns the folder
 */
export function folderWith(contents: Readonly<Record<string, string | Uint8Array>>): string {
  const made = mkdtempSync(join(folder, `${folders++}-`))
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(made, name), content)
  return made
}

/** @returns the path of one file of this content */
export function fileWith(content: string | Uint8Array): string {
  return join(folderWith({ demand: content }), 'demand')
}
