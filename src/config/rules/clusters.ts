import { kubernetesPlace, nodePoolKinds } from '../../domain/kubernetes.ts'
import { allowedRegions } from '../allowed-regions.ts'
import type { RegionSettings, Settings } from '../schema.ts'
import { fault, type Finding, keyFault, regionNames } from './finding.ts'
import { unknown } from './references.ts'

/** Clusters name workloads that there are, each once in a region, and what their cloud needs to make nodes. */
export function clusters(settings: Settings): readonly Finding[] {
  const known = settings.workloads.map(({ name }) => name)
  const names = known.map((_, at) => ['workloads', at, 'name'])
  return settings.regions.flatMap((region, at) =>
    (region.clusters ?? []).flatMap(({ workloads }, index): readonly Finding[] => {
      const place = ['regions', at, 'clusters', index] as const
      const twice = (workloads ?? known).find((workload) => holderOf(region, workload) !== index)
      return [
        ...(workloads ?? []).flatMap((workload, name) => unknown(workload, known, [...place, 'workloads', name], 'workload', names)),
        ...(twice === undefined
          ? []
          : [fault(place, `takes the pools of ${twice}, which regions[${at}].clusters[${holderOf(region, twice)}] takes already`, [['regions', at, 'clusters']])]),
        ...cloudFaults(region, at, index),
      ]
    }),
  )
}

/** @returns which of a region's clusters has the pools of a workload: the first that takes them */
function holderOf({ clusters: all }: RegionSettings, workload: string): number | undefined {
  return all?.findIndex(({ workloads }) => workloads?.includes(workload) ?? true)
}

function cloudFaults({ cloud, region, launch, clusters: all }: RegionSettings, at: number, index: number): readonly Finding[] {
  const place = ['regions', at, 'clusters', index] as const
  const restsOn = [['regions', at, 'cloud'], place]
  const { name = '', nodeRole } = all?.[index] ?? {}
  if (cloud !== 'aws') return nodeRole === undefined ? [] : [keyFault([...place, 'nodeRole'], `is AWS’s, and ${region} is a region of ${cloud}`, restsOn)]
  return [
    ...(nodeRole === undefined ? [fault([...place, 'nodeRole'], 'is missing, expected the ARN of the IAM role of the nodes', restsOn)] : []),
    ...(launch.subnets.length === 0 ? [fault(['regions', at, 'launch', 'subnets'], `is empty, expected the subnets of the nodes of ${name}`, restsOn)] : []),
  ]
}

/** A workload that leaves its counts to schedules in the cloud needs pools that have them. */
export function schedulesInClusters(settings: Settings): readonly Finding[] {
  return settings.workloads.flatMap((workload, at): readonly Finding[] => {
    if (workload.owns !== 'schedule') return []
    const without = allowedRegions(settings, workload).find(
      ({ cloud, clusters: all }) => nodePoolKinds[cloud].schedules === 'none' && kubernetesPlace(all, workload.name) !== undefined,
    )
    if (without === undefined) return []
    const message =
      `is schedule, and ${nodePoolKinds[without.cloud].title}, which ${workload.name} has in ${without.cloud}/${without.region}, have no schedules in the cloud: ` +
      'with count prescale moves them by the plan, with bounds the cluster’s own autoscaler does'
    return [fault(['workloads', at, 'owns'], message, [['workloads', at, 'name'], ['workloads', at, 'regions'], ...regionNames(settings)])]
  })
}
