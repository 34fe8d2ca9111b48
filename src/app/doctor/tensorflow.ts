import { join } from 'node:path'
import { type Check, fail, ok, warn } from './check.ts'
import type { BackendProbe } from './probe-backend.ts'

const name = 'tensorflow'
const howToGetNode = 'npm run set-up installs the native library'
const howToGetWasm = 'PRESCALE_TF_BACKEND=wasm uses WebAssembly instead'

/** The backend is loaded as a forecast would load it, in a process of its own. */
export const tensorflowCheck: Check = {
  name,
  look: async ({ installation, run, env }) => {
    const { code, stdout, stderr } = await run(process.execPath, [join(installation, 'src', 'app', 'doctor', 'probe-backend.ts')], {})
    if (code !== 0) return [fail(name, `no backend could be loaded: ${stderr.trim().split('\n').at(-1) ?? 'no reason given'}`, howToGetWasm)]
    const probe = JSON.parse(stdout) as BackendProbe
    switch (probe.kind) {
      case 'node':
        return [ok(name, `${probe.description}; ${howToGetWasm}`)]
      case 'wasm':
      case 'cpu':
        // whoever asked for it by name knows
        if (env['PRESCALE_TF_BACKEND'] === probe.kind) return [ok(name, probe.description)]
        return [warn(name, `${probe.description}; forecasts are as good, training the network takes some times as long`, howToGetNode)]
      case 'none':
        return [fail(name, probe.problem, probe.next)]
      default:
        return probe satisfies never
    }
  },
}
