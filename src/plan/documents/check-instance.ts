/** Where a document departs from its form, and how. */
export interface InstanceFault {
  /** Such as `demand[0][2]`. */
  readonly path: string
  readonly message: string
}

/** Faults that are told: a wrong shape departs in very many places. */
const toldFaults = 20

type Leaf = 'number' | 'number or null' | 'index list'

/**
 * Compares a value with the form of `prescale.instance/1`: names, shapes, and that amounts are finite and not negative.
 * @returns the first faults; empty when `problemFromInstance` can read it
 */
export function instanceFaults(document: unknown): readonly InstanceFault[] {
  if (!isRecord(document)) return [{ path: '', message: 'is no JSON object' }]
  if (document['schema'] !== 'prescale.instance/1') return [{ path: 'schema', message: `is ${JSON.stringify(document['schema']) ?? 'missing'}, expected prescale.instance/1` }]
  const faults: InstanceFault[] = []
  const add = (path: string, message: string): void => void (faults.length < toldFaults && faults.push({ path, message }))
  const listed = (name: string): readonly unknown[] => {
    const value = document[name]
    if (Array.isArray(value) && value.length > 0) return value
    add(name, value === undefined ? 'is missing' : 'is no list with something in it')
    return []
  }
  const named = (name: string): readonly unknown[] => {
    const entries = listed(name)
    for (const [index, entry] of entries.entries()) if (!isRecord(entry) || typeof entry['id'] !== 'string') add(`${name}[${index}].id`, 'is no name')
    return entries
  }
  const positive = (name: string): number => {
    const value = document[name]
    if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value
    add(name, `is ${JSON.stringify(value) ?? 'missing'}, expected a number above 0`)
    return 0
  }
  positive('stepMinutes')
  const steps = positive('steps')
  const programs = listed('programs').length
  const regions = named('regions').length
  const userZones = named('userZones').length
  const types = named('types').length
  const options = named('options').length
  if (faults.length > 0) return faults

  const shaped = (value: unknown, path: string, shape: readonly number[], leaf: Leaf): void => {
    const [length, ...inner] = shape
    if (length === undefined) {
      const message = leafFault(value, leaf, regions)
      if (message !== undefined) add(path, message)
    } else if (!Array.isArray(value)) add(path, value === undefined ? 'is missing' : `is no list of ${length}`)
    else if (value.length !== length) add(path, `has ${value.length} entries, expected ${length}`)
    else value.forEach((one, index) => shaped(one, `${path}[${index}]`, inner, leaf))
  }
  const inside = (name: string): Readonly<Record<string, unknown>> => {
    const value = document[name]
    return isRecord(value) ? value : {}
  }
  const perOffer = [regions, types, options]
  shaped(document['throughput'], 'throughput', [programs, types], 'number or null')
  shaped(document['price'], 'price', perOffer, 'number or null')
  shaped(document['startCost'], 'startCost', perOffer, 'number')
  shaped(document['maxNodes'], 'maxNodes', perOffer, 'number')
  shaped(document['quotaVcpu'], 'quotaVcpu', [regions, options], 'number')
  shaped(document['spotShareCap'], 'spotShareCap', [regions], 'number')
  shaped(document['latencyMs'], 'latencyMs', [userZones, regions], 'number')
  shaped(document['demand'], 'demand', [programs, userZones, steps], 'number')
  shaped(document['fleet'], 'fleet', [programs, ...perOffer], 'number')
  shaped(document['leadSteps'], 'leadSteps', [regions, options], 'number')
  shaped(document['routeCostPerUnitMs'], 'routeCostPerUnitMs', [], 'number')
  for (const when of ['normal', 'regionLoss']) {
    shaped(inside('utilisation')[when], `utilisation.${when}`, [], 'number')
    shaped(inside('availability')[when], `availability.${when}`, [regions, options], 'number')
    shaped(inside('reach')[when], `reach.${when}`, [programs, userZones], 'index list')
  }
  for (const what of ['zone', 'region']) if (typeof inside('survive')[what] !== 'boolean') add(`survive.${what}`, 'is neither true nor false')
  return faults
}

function leafFault(value: unknown, leaf: Leaf, regions: number): string | undefined {
  if (leaf === 'index list') {
    const fits = Array.isArray(value) && value.every((index) => Number.isInteger(index) && index >= 0 && index < regions)
    return fits ? undefined : `is no list of regions, 0 to ${regions - 1}`
  }
  if (leaf === 'number or null' && value === null) return undefined
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? undefined : `is ${JSON.stringify(value) ?? 'missing'}, expected a number of at least 0`
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
