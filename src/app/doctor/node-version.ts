import { type Check, fail, ok } from './check.ts'
import { isAtLeast } from './version.ts'

/** The oldest that runs TypeScript without a flag. */
const oldest = '22.18.0'

export const nodeCheck: Check = {
  name: 'node',
  look: async ({ nodeVersion }) =>
    isAtLeast(nodeVersion, oldest)
      ? [ok('node', nodeVersion)]
      : [fail('node', `${nodeVersion}, older than ${oldest}`, 'install Node 24, or run npm ci, which installs one beside prescale')],
}
