import assert from 'node:assert/strict'
import { loadSettings } from '../../src/config/load-settings.ts'
import { smallestSettings } from '../../src/config/reference-files.ts'
import { faultLine, Problem } from '../../src/domain/problem.ts'

/** The smallest settings with lines replaced. */
export function edited(...edits: readonly (readonly [from: string, to: string])[]): string {
  return edits.reduce((text, [from, to]) => {
    assert.ok(text.includes(from), `${from} is not in the smallest settings`)
    return text.replace(from, to)
  }, smallestSettings)
}

/** @returns what is told of faulty input; empty when it has no fault */
export function faultsOf(load: () => unknown): readonly string[] {
  try {
    load()
  } catch (error) {
    if (error instanceof Problem && error.code === 'input-invalid') {
      return (error as Problem<'input-invalid'>).facts.faults.map((fault) => faultLine(fault))
    }
    throw error
  }
  return []
}

/** @returns what is told of settings in `p.yaml` */
export function settingsFaults(text: string): readonly string[] {
  return faultsOf(() => loadSettings(text, 'p.yaml'))
}
