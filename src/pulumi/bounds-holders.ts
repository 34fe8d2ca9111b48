/** Types of resources, beside the groups, that hold a group's bounds: a cloud keeps a count within them until they are gone. */
export const boundsHolders: ReadonlySet<string> = new Set(['gcp:compute/regionAutoscaler:RegionAutoscaler', 'azure-native:monitor:AutoscaleSetting'])
