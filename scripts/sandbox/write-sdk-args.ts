// Writes the arguments that the simulated providers accept, from the installed SDKs: run it after an SDK was updated.
import { writeFileSync } from 'node:fs'
import { packages, readSdkArgs } from './read-sdk-args.ts'

for (const [name, source] of Object.entries(packages)) {
  writeFileSync(new URL(`../../src/sandbox/provider/args/${name}.json`, import.meta.url), `${JSON.stringify(readSdkArgs(source), null, 1)}\n`)
}
