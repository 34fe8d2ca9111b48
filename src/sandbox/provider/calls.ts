import { throttled } from '../cloud-calls.ts'
import { CloudError } from '../clouds/cloud-api.ts'
import type { CloudState } from '../state.ts'
import type { StateFolder } from '../state-folder.ts'
import type { World } from '../world.ts'

/** As real providers do, a call that came too often is tried again, each time after twice the wait. */
const mostAttempts = 8
const firstWaitMs = 40
const longestWaitMs = 2000

/** Lets real time pass. @throws AbortError once the signal is aborted */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>

/**
 * One call of a cloud's API: it takes the time that the faults say, hangs if they say so, and is repeated while it is throttled.
 * @param name  what the call is about; faults may name it
 * @throws CloudError of the cloud, or AbortError once the engine has cancelled
 */
export async function callCloud<T>(
  folder: StateFolder,
  name: string,
  signal: AbortSignal,
  wait: Wait,
  body: (state: CloudState, world: World) => T,
): Promise<T> {
  const { faults } = folder.snapshot()
  if (faults.latencySeconds > 0) await wait(faults.latencySeconds * 1000, signal)
  if (faults.hang.some((part) => name.includes(part))) await wait(faults.hangSeconds * 1000, signal)
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted()
    try {
      return folder.change(body)
    } catch (error) {
      if (!(error instanceof CloudError) || error.code !== throttled || attempt === mostAttempts) throw error
    }
    await wait(Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1)), signal)
  }
}
