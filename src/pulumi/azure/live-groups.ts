import { type FoundResource, listAt, type LiveGroupsOf, type Properties, referredName, valueAt, wholeAt } from '../found-resource.ts'

/** Most nodes that Azure allows in a scale set or agent pool: what bounds one without autoscaling. */
const largestGroup = 1000
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const minutesPerDay = 1440
const minutesPerWeek = 7 * minutesPerDay
/** 1970-01-01 was a Thursday. */
const epochWeekday = 4

export const liveGroupsOf: LiveGroupsOf = (resources, atSeconds) => [...scaleSets(resources, atSeconds), ...agentPools(resources)]

/** Agent pools hold their count, and their autoscaler's bounds where it is on. */
function agentPools(resources: readonly FoundResource[]): ReturnType<LiveGroupsOf> {
  return resources
    .filter(({ type }) => type === 'azure-native:containerservice:AgentPool')
    .map(({ properties }) => {
      const found = { group: String(properties['agentPoolName'] ?? properties['name']), desired: wholeAt(properties, 'count') }
      if (properties['enableAutoScaling'] !== true) return { ...found, min: 0, max: largestGroup }
      return { ...found, min: wholeAt(properties, 'minCount'), max: wholeAt(properties, 'maxCount'), autoscaled: true }
    })
}

/** Scale sets hold their capacity; their bounds are those of the profile in force of the autoscale setting that is on. */
function scaleSets(resources: readonly FoundResource[], atSeconds: number): ReturnType<LiveGroupsOf> {
  return resources
    .filter(({ type }) => type === 'azure-native:compute:VirtualMachineScaleSet')
    .map(({ properties }) => {
      const group = String(properties['vmScaleSetName'] ?? properties['name'])
      return { group, desired: wholeAt(properties, 'sku.capacity'), ...boundsOf(settingOf(resources, group), atSeconds) }
    })
}

/** Azure's names do not heed case. */
function settingOf(resources: readonly FoundResource[], group: string): Properties | undefined {
  const isOf = ({ type, properties }: FoundResource): boolean =>
    type === 'azure-native:monitor:AutoscaleSetting' && referredName(properties['targetResourceUri']).toLowerCase() === group.toLowerCase()
  return resources.find(isOf)?.properties
}

function boundsOf(setting: Properties | undefined, atSeconds: number): { readonly min: number; readonly max: number } {
  const profile = setting === undefined || setting['enabled'] === false ? undefined : profileInForce(listAt(setting, 'profiles'), atSeconds)
  if (profile === undefined) return { min: 0, max: largestGroup }
  return { min: wholeAt(profile, 'capacity.minimum'), max: wholeAt(profile, 'capacity.maximum') }
}

/** A recurring profile holds from its start until the next one's; without any, the profile without a time holds. */
function profileInForce(profiles: readonly unknown[], atSeconds: number): unknown {
  const since = profiles.flatMap((profile) => minutesSinceStart(profile, atSeconds).map((minutes) => ({ profile, minutes })))
  const latest = since.toSorted((a, b) => a.minutes - b.minutes)[0]
  return latest?.profile ?? profiles.find((profile) => isMissing(profile, 'recurrence') && isMissing(profile, 'fixedDate'))
}

function isMissing(profile: unknown, key: string): boolean {
  return (valueAt(profile, key) ?? undefined) === undefined
}

/** Profiles in UTC are prescale's own; another that somebody added is not judged. @returns since each of its starts within the last week */
function minutesSinceStart(profile: unknown, atSeconds: number): readonly number[] {
  const schedule = valueAt(profile, 'recurrence.schedule')
  if (valueAt(schedule, 'timeZone') !== 'UTC') return []
  const now = (Math.floor(atSeconds / 60) + epochWeekday * minutesPerDay) % minutesPerWeek
  const start = Number(valueAt(schedule, 'hours.0')) * 60 + Number(valueAt(schedule, 'minutes.0'))
  return listAt(schedule, 'days').map(
    (day) => (now - weekdays.indexOf(String(day)) * minutesPerDay - start + 2 * minutesPerWeek) % minutesPerWeek,
  )
}
