import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseDocument } from 'yaml'
import { parseLine } from '../../src/cli/arguments.ts'
import { loadConfiguration } from '../../src/config/load-settings.ts'

const folder = join(import.meta.dirname, '..', '..', 'examples')
const files = globSync('{cron,kubernetes,github-actions,gitlab-ci}/*', { cwd: folder }).sort()

/** Every command line of prescale in a text; in a list of words as in a shell. */
function commandLines(text: string): readonly (readonly string[])[] {
  const inShell = [...text.matchAll(/npx prescale ([^\n|>&]+?)(?:\s*(?:>|&&|\||$))/gm)].map(([, words = '']) => words.trim().split(/\s+/))
  const inList = [...text.matchAll(/\[npx, prescale, ([^\]]+)\]/g)].map(([, words = '']) => words.split(', '))
  return [...inShell, ...inList]
}

test('there is an example for cron, Kubernetes and two kinds of pipelines', () => {
  assert.deepEqual(files, ['cron/crontab', 'github-actions/capacity.yaml', 'gitlab-ci/capacity.yaml', 'kubernetes/cronjob.yaml'])
})

for (const file of files) {
  const text = readFileSync(join(folder, file), 'utf8')

  test(`every command in examples/${file} is one that prescale understands`, () => {
    const lines = commandLines(text)
    assert.ok(lines.length > 0)
    for (const words of lines) assert.equal(parseLine(words).kind, 'run', words.join(' '))
  })

  if (file.endsWith('.yaml')) test(`examples/${file} is sound YAML`, () => assert.deepEqual(parseDocument(text).errors, []))
}

test('the example of managed Kubernetes is a sound configuration, with node pools in three clouds', () => {
  const read = (file: string): { readonly text: string; readonly file: string } => ({ text: readFileSync(join(folder, file), 'utf8'), file })
  const { settings, warnings } = loadConfiguration(read('managed-kubernetes/prescale.yaml'), (path) => read(`../${path}`))
  assert.deepEqual(settings.regions.map(({ cloud, clusters }) => [cloud, clusters?.[0]?.name]), [['aws', 'shop'], ['gcp', 'shop'], ['azure', 'shop']])
  assert.deepEqual(warnings, [])
})
