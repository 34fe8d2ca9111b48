import type { Settings } from '../schema.ts'
import { fault, type Finding, keyFault } from './finding.ts'

/** Launch settings are those that the region's cloud has, and those it cannot do without. */
export function launchSettings(settings: Settings): readonly Finding[] {
  return settings.regions.flatMap(({ cloud, region, launch }, at) => {
    const place = ['regions', at, 'launch'] as const
    const restsOn = [['regions', at, 'cloud']]
    if (cloud !== 'azure') {
      return launch.resourceGroup === undefined
        ? []
        : [keyFault([...place, 'resourceGroup'], `is Azure’s, and ${region} is a region of ${cloud}`, restsOn)]
    }
    const findings: Finding[] = []
    if (launch.resourceGroup === undefined) {
      findings.push(
        fault([...place, 'resourceGroup'], 'is missing, expected the existing resource group that holds the scale sets', [
          ...restsOn,
          place,
        ]),
      )
    }
    if (launch.template !== undefined) {
      findings.push(keyFault([...place, 'template'], 'is not known on Azure, expected image, subnets and the like', restsOn))
    }
    return findings
  })
}
