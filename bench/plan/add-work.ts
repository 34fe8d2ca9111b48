import { instanceFromProblem, problemFromInstance } from '../../src/plan/documents/instance-document.ts'
import type { InstanceDocument } from '../../src/plan/documents/instance-document.ts'
import { unitsFrom } from './units-from.ts'

/** The same problem with up to three works that may wait, each in a window and in regions of its own; some do not fit. The same seed adds the same. */
export function addWork(instance: InstanceDocument, seed: number): InstanceDocument {
  const unit = unitsFrom(seed * 2 + 7919)
  const below = (count: number): number => Math.floor(unit() * count)
  const problem = problemFromInstance(instance)
  const deferrable = Array.from({ length: 1 + below(3) }, (_, index) => {
    const workload = below(problem.workloads.length)
    const busiest = Math.max(...Array.from({ length: problem.steps }, (_step, step) => (problem.demand[workload] ?? []).reduce((sum, course) => sum + (course[step] ?? 0), 0)))
    const earliest = below(problem.steps)
    const deadline = earliest + below(problem.steps - earliest)
    const maxPerStep = Math.round(busiest * (0.05 + 0.4 * unit()) * 100) / 100
    const first = below(problem.regions.length)
    return {
      name: `work-${index}`, workload, earliest, deadline, maxPerStep, longestSteps: Infinity, after: [],
      amount: Math.round(maxPerStep * (deadline - earliest + 1) * (0.2 + 0.7 * unit()) * 100) / 100,
      regions: [...problem.regions.keys()].filter((region) => region === first || unit() < 0.6),
    }
  })
  const { prescale } = instanceFromProblem({ ...problem, deferrable })
  return { ...instance, name: `${instance.name ?? ''}-work`, ...(prescale === undefined ? {} : { prescale }) }
}
