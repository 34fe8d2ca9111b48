/**
 * Plans generated problems with limits of every tightness, every third with work that may wait, and judges what each plan says of itself: faults, shortages
 * that it does not tell, shortages that it tells and that are none, and costs that differ. Of a shortage after the loss of a region only user zones count that
 * another region could serve.
 *     node bench/plan/judge.ts [--from 1] [--to 2200]
 */
import { parseArgs } from 'node:util'
import { planInstance } from '../../src/plan/plan-instance.ts'
import { loadSolver } from '../../src/plan/solver/highs.ts'
import { addWork } from './add-work.ts'
import { checkPlan } from './check-plan.ts'
import { varyInstance } from './vary-instance.ts'

const { values } = parseArgs({ options: { from: { type: 'string', default: '1' }, to: { type: 'string', default: '2200' } } })
const never = new AbortController().signal
const solver = await loadSolver()
const found = { plans: 0, withShortages: 0, onlyAfterFailure: 0, faults: 0, notTold: 0, toldForNothing: 0, costDiffers: 0 }
for (let seed = Number(values.from); seed <= Number(values.to); seed++) {
  const varied = varyInstance(seed)
  const instance = seed % 3 === 0 ? addWork(varied, seed) : varied
  const planned = await planInstance(instance, solver, never)
  const { faults, shortages, totalUsd } = checkPlan(instance, planned.plan)
  const tell = (what: Exclude<keyof typeof found, 'plans'>, isSo: boolean): void => {
    if (!isSo) return
    found[what]++
    if (what !== 'withShortages' && what !== 'onlyAfterFailure') console.log(`${instance.name ?? ''}: ${what}: ${[...faults, ...shortages].slice(0, 2).join('; ')}`)
  }
  found.plans++
  tell('withShortages', shortages.length > 0)
  tell('onlyAfterFailure', shortages.length > 0 && planned.isShortOnlyAfterFailure)
  tell('faults', faults.length > 0)
  tell('notTold', shortages.length > 0 && planned.shortSteps === 0)
  tell('toldForNothing', shortages.length === 0 && planned.shortSteps > 0)
  const isDearer = planned.cost.total > totalUsd * (1 + 1e-4) + 1e-6
  tell('costDiffers', shortages.length === 0 && planned.shortSteps === 0 && (planned.cost.total < totalUsd * (1 - 1e-4) - 1e-6 || (isDearer && instance.prescale === undefined)))
}
console.log(JSON.stringify(found))
