import { Problem } from '../domain/problem.ts'
import type { Network } from '../forecast/network.ts'
import { shippedModels } from './shipped-models.ts'
import type { World } from './world.ts'

/**
 * Loads the forecasting network on the backend that PRESCALE_TF_BACKEND names, the fastest that loads if it names none.
 * @throws Problem `input-invalid`, `network-backend`
 */
export async function openNetwork(world: World): Promise<Network> {
  const [{ loadNetwork }, { backendChoices, nativeEnvironment }] = await Promise.all([
    import('../forecast/tensorflow/quantile-network.ts'),
    import('../forecast/tensorflow/backend.ts'),
  ])
  for (const [name, value] of Object.entries(nativeEnvironment)) process.env[name] ??= value
  const asked = world.env['PRESCALE_TF_BACKEND'] ?? 'auto'
  const choice = backendChoices.find((one) => one === asked)
  if (choice === undefined) {
    throw new Problem('input-invalid', {
      what: 'the environment',
      faults: [{ file: 'PRESCALE_TF_BACKEND', line: undefined, column: undefined, path: '', message: `is ${asked}, expected one of ${backendChoices.join(', ')}` }],
    })
  }
  return loadNetwork(choice, shippedModels())
}
