import type { Settings } from '../schema.ts'
import { fault, type Finding } from './finding.ts'

/** The engine knows which settings are whose by their order alone. */
export function policyPacks({ policyPacks: packs, policyPackConfigs: configs }: Settings): readonly Finding[] {
  if (configs.length === 0 || configs.length === packs.length) return []
  return [fault(['policyPackConfigs'], `is for ${configs.length} of ${packs.length} policyPacks, expected one file for each or none`, [['policyPacks']])]
}
