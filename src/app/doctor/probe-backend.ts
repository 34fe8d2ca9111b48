import { Problem } from '../../domain/problem.ts'
import { backendChoices, loadBackend, nativeEnvironment, type BackendChoice } from '../../forecast/tensorflow/backend.ts'

/** What a process of its own found when it loaded the backend. */
export type BackendProbe =
  | { readonly kind: Exclude<BackendChoice, 'auto'>; readonly description: string }
  | { readonly kind: 'none'; readonly problem: string; readonly next: string }

// A library that does not fit may end the process that loads it: it is loaded here, where nothing else is lost.
for (const [name, value] of Object.entries(nativeEnvironment)) process.env[name] ??= value
const asked = backendChoices.find((one) => one === process.env['PRESCALE_TF_BACKEND']) ?? 'auto'
const probe = await loadBackend(asked).then(
  ({ kind, description }): BackendProbe => ({ kind, description }),
  (error: unknown): BackendProbe => {
    if (!(error instanceof Problem)) throw error
    return { kind: 'none', problem: error.message, next: error.next }
  },
)
process.stdout.write(`${JSON.stringify(probe)}\n`)
