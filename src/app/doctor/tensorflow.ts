import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Check, fail, ok, warn } from './check.ts'

/** The native library is looked for, not loaded: loading costs 0.4 s and 270 MB. */
export const tensorflowCheck: Check = {
  name: 'tensorflow',
  look: async ({ installation }) => {
    const packages = join(installation, 'node_modules', '@tensorflow')
    if (existsSync(join(packages, 'tfjs-node', 'lib', 'napi-v8', 'tfjs_binding.node'))) return [ok('tensorflow', 'native library')]
    if (existsSync(join(packages, 'tfjs-backend-wasm', 'package.json'))) {
      return [
        warn(
          'tensorflow',
          'WebAssembly: forecasts are as good, the network trains some times slower',
          'npm run set-up installs the native library',
        ),
      ]
    }
    return [fail('tensorflow', 'no backend is installed', 'npm ci')]
  },
}
