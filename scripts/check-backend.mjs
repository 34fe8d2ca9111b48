// ends with 1 unless the network runs on the native library when no backend is asked for
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './bootstrap/places.mjs'

const probe = join(root, 'src', 'app', 'doctor', 'probe-backend.ts')
const { kind, description, problem } = JSON.parse(execFileSync(process.execPath, [probe], { env: { ...process.env, PRESCALE_TF_BACKEND: 'auto' }, encoding: 'utf8' }))
process.stdout.write(`${description ?? problem}\n`)
process.exitCode = kind === 'node' ? 0 : 1
