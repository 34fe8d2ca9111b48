import type { WorkloadSettings } from '../../config/schema.ts'
import { type Resource, resources } from '../../domain/forecast.ts'

/** A field, in CSV a column, that holds what one execution takes of a resource. */
export interface AmountField {
  readonly resource: Resource
  readonly field: string
}

/** @returns the fields that the settings name, that of the workload's own unit first */
export function amountFields({ demand }: WorkloadSettings): readonly AmountField[] {
  const { takes, uses } = demand.executions
  return resources.flatMap((resource): AmountField[] => {
    const field = resource === 'requests' ? takes : uses[resource]
    return field === undefined ? [] : [{ resource, field }]
  })
}
