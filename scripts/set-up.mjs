// npm run set-up: makes the machine ready for demo and tests, and runs neither
import { bootstrap } from './bootstrap/bootstrap.mjs'

await bootstrap({ for: 'tests' })
