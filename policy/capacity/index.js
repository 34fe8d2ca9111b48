const { PolicyPack } = require('@pulumi/policy')

/** Where each cloud's group says how many nodes it wants, and which tags it carries. */
const groups = {
  'aws:autoscaling/group:Group': {
    nodes: (props) => props.desiredCapacity,
    tags: (props) => Object.fromEntries((props.tags ?? []).map(({ key, value }) => [key, value])),
  },
  // a managed group of Google carries no labels: its template does
  'gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager': { nodes: (props) => props.targetSize, tags: undefined },
  'gcp:compute/regionInstanceTemplate:RegionInstanceTemplate': { nodes: () => 0, tags: (props) => props.labels ?? {} },
  'gcp:compute/instanceTemplate:InstanceTemplate': { nodes: () => 0, tags: (props) => props.labels ?? {} },
  'azure-native:compute:VirtualMachineScaleSet': { nodes: (props) => props.sku?.capacity, tags: (props) => props.tags ?? {} },
  'aws:eks/nodeGroup:NodeGroup': { nodes: (props) => props.scalingConfig?.desiredSize, tags: (props) => props.tags ?? {} },
  'gcp:container/nodePool:NodePool': {
    nodes: (props) => (props.nodeCount ?? props.initialNodeCount ?? 0) * Math.max(1, props.nodeLocations?.length ?? 0),
    tags: (props) => props.nodeConfig?.resourceLabels ?? {},
  },
  'azure-native:containerservice:AgentPool': { nodes: (props) => props.count, tags: (props) => props.tags ?? {} },
}
const isGroup = (type) => type in groups && !type.includes('emplate')

new PolicyPack('prescale-capacity', {
  enforcementLevel: 'mandatory',
  policies: [
    {
      name: 'groups-protected',
      description: 'A group of nodes is protected: the engine deletes or replaces none by mistake.',
      validateResource: (args, reportViolation) => {
        if (isGroup(args.type) && args.opts.protect !== true) reportViolation(`${args.name} is not protected; set the resource option protect`)
      },
    },
    {
      name: 'required-tags',
      description: 'Every group carries the tags that the organisation asks for.',
      configSchema: { properties: { tags: { type: 'array', items: { type: 'string' }, default: ['prescale-workload'] } } },
      validateResource: (args, reportViolation) => {
        const read = groups[args.type]?.tags
        if (read === undefined) return
        const carried = read(args.props)
        const missing = args.getConfig().tags.filter((tag) => carried[tag] === undefined || carried[tag] === '')
        if (missing.length > 0) reportViolation(`${args.name} lacks the tags ${missing.join(', ')}; tags of prescale.yaml sets them`)
      },
    },
    {
      name: 'most-nodes',
      description: 'All groups of a stack together want no more nodes than allowed.',
      configSchema: { properties: { nodes: { type: 'number', minimum: 0, default: 1000 } } },
      validateStack: (args, reportViolation) => {
        const { nodes } = args.getConfig()
        const wanted = args.resources.filter(({ type }) => isGroup(type)).reduce((sum, { type, props }) => sum + Number(groups[type].nodes(props) ?? 0), 0)
        if (wanted > nodes) reportViolation(`the groups of this stack want ${wanted} nodes, ${nodes} are allowed`)
      },
    },
    {
      name: 'budget',
      description: 'All groups of a stack together cost no more per hour than allowed, at the prices given per instance type.',
      configSchema: {
        properties: {
          usdPerHour: { type: 'number', minimum: 0 },
          usdPerNodeHour: { type: 'object', additionalProperties: { type: 'number' }, default: {} },
        },
      },
      validateStack: (args, reportViolation) => {
        const { usdPerHour, usdPerNodeHour } = args.getConfig()
        if (usdPerHour === undefined) return
        const typeOf = ({ type, props }) => groups[type].tags?.(props)['prescale-type'] ?? args.resources.map((other) => templateType(other, props)).find((found) => found !== undefined)
        let usd = 0
        for (const group of args.resources.filter(({ type }) => isGroup(type))) {
          const instanceType = typeOf(group)
          const price = usdPerNodeHour[instanceType]
          const nodes = Number(groups[group.type].nodes(group.props) ?? 0)
          if (price === undefined && nodes > 0) reportViolation(`${group.name} runs ${instanceType ?? 'an unknown type'}, for which usdPerNodeHour gives no price`)
          usd += nodes * (price ?? 0)
        }
        if (usd > usdPerHour) reportViolation(`the groups of this stack cost ${usd.toFixed(2)} USD per hour, ${usdPerHour} are allowed`)
      },
    },
  ],
})

/** @returns the instance type that a template of Google's says, when the group starts its nodes from it */
function templateType(other, group) {
  if (!other.type.includes('emplate') || !other.type.startsWith('gcp:')) return undefined
  const used = (group.versions ?? []).some(({ instanceTemplate }) => String(instanceTemplate).includes(String(other.props.name)))
  return used ? (other.props.labels ?? {})['prescale-type'] : undefined
}
