import { createRequire } from 'node:module'
import ts from 'typescript'

/** Arguments of one package's resource types, as `src/sandbox/provider/args.ts` reads them. */
export interface SdkArgs {
  readonly version: string
  /** Shape of a resource's arguments by the engine's type token. */
  readonly resources: Readonly<Record<string, string>>
  /** Kind of each property by shape: `!` required or `?` optional, then what it may be. */
  readonly shapes: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** One package and the declarations that hold its resources' arguments. */
interface PackageSource {
  readonly name: string
  readonly resources: Readonly<Record<string, { readonly file: string; readonly args: string }>>
}

/** The types that the sandbox has, per provider. */
export const packages: Readonly<Record<'aws' | 'gcp' | 'azure-native', PackageSource>> = {
  aws: {
    name: '@pulumi/aws',
    resources: {
      'aws:ec2/launchTemplate:LaunchTemplate': { file: 'ec2/launchTemplate', args: 'LaunchTemplateArgs' },
      'aws:autoscaling/group:Group': { file: 'autoscaling/group', args: 'GroupArgs' },
      'aws:autoscaling/schedule:Schedule': { file: 'autoscaling/schedule', args: 'ScheduleArgs' },
      'aws:autoscaling/policy:Policy': { file: 'autoscaling/policy', args: 'PolicyArgs' },
      'aws:eks/nodeGroup:NodeGroup': { file: 'eks/nodeGroup', args: 'NodeGroupArgs' },
      'aws:route53/record:Record': { file: 'route53/record', args: 'RecordArgs' },
    },
  },
  gcp: {
    name: '@pulumi/gcp',
    resources: {
      'gcp:compute/instanceTemplate:InstanceTemplate': { file: 'compute/instanceTemplate', args: 'InstanceTemplateArgs' },
      'gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager': { file: 'compute/regionInstanceGroupManager', args: 'RegionInstanceGroupManagerArgs' },
      'gcp:compute/regionAutoscaler:RegionAutoscaler': { file: 'compute/regionAutoscaler', args: 'RegionAutoscalerArgs' },
      'gcp:container/nodePool:NodePool': { file: 'container/nodePool', args: 'NodePoolArgs' },
      'gcp:dns/recordSet:RecordSet': { file: 'dns/recordSet', args: 'RecordSetArgs' },
    },
  },
  'azure-native': {
    name: '@pulumi/azure-native',
    resources: {
      'azure-native:resources:ResourceGroup': { file: 'resources/resourceGroup', args: 'ResourceGroupArgs' },
      'azure-native:compute:VirtualMachineScaleSet': { file: 'compute/virtualMachineScaleSet', args: 'VirtualMachineScaleSetArgs' },
      'azure-native:monitor:AutoscaleSetting': { file: 'monitor/autoscaleSetting', args: 'AutoscaleSettingArgs' },
      'azure-native:containerservice:AgentPool': { file: 'containerservice/agentPool', args: 'AgentPoolArgs' },
      'azure-native:trafficmanager:Profile': { file: 'trafficmanager/profile', args: 'ProfileArgs' },
    },
  },
}

/** Reads the installed SDK's declaration files: what TypeScript lets a program write is what the provider is asked to accept. */
export function readSdkArgs(source: PackageSource): SdkArgs {
  const require = createRequire(import.meta.url)
  const entries = Object.entries(source.resources)
  const files = entries.map(([, { file }]) => require.resolve(`${source.name}/${file}.d.ts`))
  const program = ts.createProgram(files, { skipLibCheck: true, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, types: [] })
  const reader = new ShapeReader(program.getTypeChecker())
  const resources = Object.fromEntries(
    entries.map(([token, { args }], index) => {
      const file = program.getSourceFile(files[index] ?? '')
      const declaration = file?.statements.find((statement): statement is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(statement) && statement.name.text === args)
      if (declaration === undefined) throw new Error(`${source.name} declares no ${args}`)
      return [token, reader.shapeOf(program.getTypeChecker().getTypeAtLocation(declaration))]
    }),
  )
  const { version } = require(`${source.name}/package.json`) as { version: string }
  return { version, resources, shapes: Object.fromEntries([...reader.shapes].sort(([a], [b]) => (a < b ? -1 : 1))) }
}

class ShapeReader {
  readonly shapes = new Map<string, Record<string, string>>()
  readonly #checker: ts.TypeChecker

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker
  }

  /** @returns the shape's name; its properties and all that they lead to are in `shapes` afterwards */
  shapeOf(type: ts.Type): string {
    const symbol = type.aliasSymbol ?? type.symbol
    const name = qualifiedName(this.#checker, symbol)
    if (this.shapes.has(name)) return name
    const properties: Record<string, string> = {}
    this.shapes.set(name, properties)
    for (const property of this.#checker.getPropertiesOfType(type)) {
      const optional = (property.flags & ts.SymbolFlags.Optional) !== 0
      properties[property.name] = (optional ? '?' : '!') + this.#kind(this.#checker.getTypeOfSymbol(property))
    }
    return name
  }

  /** `Input<T>` is T, a promise of T or an output of T: only T is sent. */
  #kind(type: ts.Type): string {
    if (type.isUnion()) {
      const kinds = type.types.filter((member) => !this.#isWrapper(member)).map((member) => this.#kind(member))
      const distinct = [...new Set(kinds)].sort()
      return distinct.includes('any') ? 'any' : distinct.join('|')
    }
    if (type.flags & ts.TypeFlags.NumberLike) return 'number'
    if (type.flags & ts.TypeFlags.StringLike) return 'string'
    if (type.flags & ts.TypeFlags.BooleanLike) return 'boolean'
    if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return 'any'
    const element = this.#checker.isArrayType(type) ? this.#checker.getTypeArguments(type as ts.TypeReference)[0] : undefined
    if (element !== undefined) return `(${this.#kind(element)})[]`
    const mapped = type.getStringIndexType()
    if (mapped !== undefined) return `{${this.#kind(mapped)}}`
    // A resource given where its name is wanted is sent as that name.
    if (type.getProperty('urn') !== undefined) return 'string'
    return this.shapeOf(type)
  }

  #isWrapper(type: ts.Type): boolean {
    if (type.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)) return true
    const name = type.symbol?.name ?? type.aliasSymbol?.name
    return name === 'Promise' || name === 'OutputInstance' || type.getProperty('apply') !== undefined
  }
}

function qualifiedName(checker: ts.TypeChecker, symbol: ts.Symbol): string {
  return checker.getFullyQualifiedName(symbol).replace(/^"[^"]*"\./, '')
}
