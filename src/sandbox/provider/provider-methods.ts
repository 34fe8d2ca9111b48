import { Metadata, status, type sendUnaryData, type ServerUnaryCall, type UntypedServiceImplementation } from '@grpc/grpc-js'
import plugin from '@pulumi/pulumi/proto/plugin_pb.js'
import proto from '@pulumi/pulumi/proto/provider_pb.js'
import statusProto from '@pulumi/pulumi/proto/status_pb.js'
import anyProto from 'google-protobuf/google/protobuf/any_pb.js'
import emptyProto from 'google-protobuf/google/protobuf/empty_pb.js'
import structProto from 'google-protobuf/google/protobuf/struct_pb.js'
import { createResource, deleteResource, kindOf, readResource, updateResource, type CallAnswer } from '../cloud-calls.ts'
import { CloudError, type CallScope, type ResourceKind } from '../clouds/cloud-api.ts'
import { isRecord, textAt, type Inputs } from '../inputs.ts'
import { emptyState } from '../state.ts'
import type { StateFolder } from '../state-folder.ts'
import { argumentFaults, type ArgsTable } from './args.ts'
import { callCloud, type Wait } from './calls.ts'
import { changesBetween, topLevel } from './diff.ts'
import { knownInputs, plain, unknown } from './engine-values.ts'
import { functions } from './functions.ts'

type Struct = InstanceType<typeof structProto.Struct>

/** What a provider program is. */
export interface ProviderOptions {
  /** As the engine names it: aws, gcp, azure-native. */
  readonly name: string
  /** Version of the SDK package it stands in for. */
  readonly version: string
  readonly folder: StateFolder
  readonly args: ArgsTable
  /** Region and project from the environment, for programs that configure none. */
  readonly scope: CallScope
  readonly wait: Wait
}

/** Mark of inputs that the provider made up, kept among the inputs as the real providers do. */
const defaultsMark = '__defaults'

/** Answers the engine for one package, by the engine's own protocol. */
export function providerMethods(options: ProviderOptions): UntypedServiceImplementation {
  const { folder, args } = options
  const cancelled = new AbortController()
  let scope = options.scope
  const call = <T>(name: string, body: Parameters<typeof callCloud<T>>[4]): Promise<T> =>
    callCloud(folder, name, cancelled.signal, options.wait, body)

  return {
    handshake: unary(() => {
      const response = new proto.ProviderHandshakeResponse()
      // The engine keeps secrets to itself then, and marks what comes back by the names of what it sent.
      response.setAcceptSecrets(false)
      response.setAcceptResources(false)
      return response
    }),
    getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(options.version)),
    attach: unary(() => new emptyProto.Empty()),
    getSchema: unary(() => new proto.GetSchemaResponse().setSchema(JSON.stringify({ name: options.name, version: options.version }))),
    checkConfig: unary((request: InstanceType<typeof proto.CheckRequest>) => new proto.CheckResponse().setInputs(request.getNews())),
    diffConfig: unary(() => new proto.DiffResponse().setChanges(proto.DiffResponse.DiffChanges.DIFF_NONE)),
    configure: unary((request: InstanceType<typeof proto.ConfigureRequest>) => {
      const configured = values(request.getArgs())
      scope = { region: textAt(configured, 'region') ?? scope.region, project: textAt(configured, 'project') ?? scope.project }
      return new proto.ConfigureResponse().setAcceptsecrets(false).setAcceptresources(false).setAcceptoutputs(false).setSupportspreview(true)
    }),
    cancel: unary(() => {
      cancelled.abort()
      return new emptyProto.Empty()
    }),

    check: unary((request: InstanceType<typeof proto.CheckRequest>) => {
      const token = tokenOf(request.getUrn())
      const kind = kindOf(token)
      const inputs = named(kind, request, values(request.getNews()), values(request.getOlds()))
      const argument = argumentFaults(args, token, inputs)
      const wholeUnknown = Object.values(inputs).includes(unknown)
      const rules = argument.length > 0 || wholeUnknown ? [] : (kind?.rules?.(knownInputs(inputs)) ?? [])
      return new proto.CheckResponse()
        .setInputs(struct(inputs))
        .setFailuresList([...argument, ...rules].map(({ path, message }) => new proto.CheckFailure().setProperty(path).setReason(message)))
    }),

    diff: unary((request: InstanceType<typeof proto.DiffRequest>) => {
      const kind = kindOf(tokenOf(request.getUrn()))
      const before = values(request.getOldInputs())
      const after = values(request.getNews())
      const changes = changesBetween(before, after, kind?.replaceOn ?? [], request.getIgnorechangesList())
      const response = new proto.DiffResponse()
        .setChanges(changes.length > 0 ? proto.DiffResponse.DiffChanges.DIFF_SOME : proto.DiffResponse.DiffChanges.DIFF_NONE)
        .setDiffsList([...new Set(changes.map((change) => topLevel(change.path)))])
        .setReplacesList([...new Set(changes.filter((change) => change.replaces).map((change) => topLevel(change.path)))])
        .setHasdetaileddiff(true)
        // Two resources cannot have one name at a time, unless the provider makes up a new one.
        .setDeletebeforereplace(kind !== undefined && keepsName(kind, before, after))
      for (const change of changes) {
        response.getDetaileddiffMap().set(change.path, new proto.PropertyDiff().setKind(diffKind[change.kind][change.replaces ? 1 : 0]).setInputdiff(true))
      }
      return response
    }),

    create: unary(async (request: InstanceType<typeof proto.CreateRequest>) => {
      const token = tokenOf(request.getUrn())
      const inputs = values(request.getProperties())
      if (request.getPreview()) return new proto.CreateResponse().setProperties(struct({ ...unknownOutputs(token, inputs), ...inputs }))
      const answer = await call(request.getUrn(), (state, world) => createResource(state, world, token, withoutMarks(inputs), scope))
      failIfShort(answer, inputs)
      return new proto.CreateResponse().setId(answer.id).setProperties(struct(answer.outputs))
    }),

    update: unary(async (request: InstanceType<typeof proto.UpdateRequest>) => {
      const token = tokenOf(request.getUrn())
      const before = values(request.getOldInputs())
      const inputs = values(request.getNews())
      if (request.getPreview()) {
        const moving = Object.fromEntries((kindOf(token)?.movingOutputs ?? []).map((name) => [name, unknown]))
        return new proto.UpdateResponse().setProperties(struct({ ...values(request.getOlds()), ...moving, ...inputs }))
      }
      const answer = await call(request.getUrn(), (state, world) =>
        updateResource(state, world, token, request.getId(), withoutMarks(before), withoutMarks(inputs), scope),
      )
      failIfShort(answer, inputs)
      return new proto.UpdateResponse().setProperties(struct(answer.outputs))
    }),

    delete: unary(async (request: InstanceType<typeof proto.DeleteRequest>) => {
      const inputs = withoutMarks({ ...values(request.getProperties()), ...values(request.getOldInputs()) })
      await call(request.getUrn(), (state, world) => deleteResource(state, world, tokenOf(request.getUrn()), request.getId(), inputs, scope))
      return new emptyProto.Empty()
    }),

    read: unary(async (request: InstanceType<typeof proto.ReadRequest>) => {
      const declared = values(request.getInputs())
      const known = withoutMarks({ ...values(request.getProperties()), ...declared })
      const answer = await call(request.getUrn(), (state, world) => readResource(state, world, tokenOf(request.getUrn()), request.getId(), known, scope))
      const response = new proto.ReadResponse()
      if (answer === undefined) return response
      // Of a resource in the program, what the program declares is compared; of one that is imported, everything.
      const inputs = Object.keys(declared).length === 0 ? answer.inputs : { ...declared, ...pick(answer.inputs, Object.keys(declared)) }
      return response.setId(answer.id).setInputs(struct(inputs)).setProperties(struct(answer.outputs))
    }),

    invoke: unary(async (request: InstanceType<typeof proto.InvokeRequest>) => {
      const token = request.getTok()
      const body = functions[token]
      if (body === undefined) throw new CloudError('UnknownFunction', `the sandbox has no function ${token}`)
      return Promise.resolve(new proto.InvokeResponse().setReturn(struct(body(values(request.getArgs()), scope, folder))))
    }),
  }
}

const diffKind = {
  add: [proto.PropertyDiff.Kind.ADD, proto.PropertyDiff.Kind.ADD_REPLACE],
  delete: [proto.PropertyDiff.Kind.DELETE, proto.PropertyDiff.Kind.DELETE_REPLACE],
  update: [proto.PropertyDiff.Kind.UPDATE, proto.PropertyDiff.Kind.UPDATE_REPLACE],
} as const

/** @returns a gRPC handler that answers what `body` gives, or its error with the cloud's own words */
function unary<Request, Response>(body: (request: Request) => Response | Promise<Response>) {
  return (call: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>): void => {
    Promise.resolve()
      .then(() => body(call.request))
      .then(
        (response) => done(null, response),
        (error: unknown) => done(serviceError(error)),
      )
  }
}

function serviceError(error: unknown) {
  if (error instanceof InitFailure) return { code: status.UNKNOWN, details: error.message, metadata: error.metadata }
  if (error instanceof Error && error.name === 'AbortError') return { code: status.CANCELLED, details: 'cancelled by the engine', metadata: new Metadata() }
  return { code: status.UNKNOWN, details: error instanceof Error ? error.message : String(error), metadata: new Metadata() }
}

/** The resource exists and is not what was asked for: the engine keeps it and reports the reason. */
class InitFailure extends Error {
  override readonly name = 'InitFailure'
  readonly metadata: Metadata

  constructor(answer: CallAnswer, inputs: Inputs, reason: string) {
    super(reason)
    const detail = new proto.ErrorResourceInitFailed().setId(answer.id).setProperties(struct(answer.outputs)).setInputs(struct(inputs)).setReasonsList([reason])
    const packed = new anyProto.Any()
    packed.pack(detail.serializeBinary(), 'pulumirpc.ErrorResourceInitFailed')
    const whole = new statusProto.Status().setCode(status.UNKNOWN).setMessage(reason)
    whole.addDetails(packed)
    this.metadata = new Metadata()
    this.metadata.add('grpc-status-details-bin', Buffer.from(whole.serializeBinary()))
  }
}

function failIfShort(answer: CallAnswer, inputs: Inputs): void {
  if (answer.short !== undefined) throw new InitFailure(answer, inputs, `InsufficientCapacity: short by ${answer.short.nodes} nodes: ${answer.short.reason}`)
}

/** Gives a resource without a name one, the same in preview and update, as the engine's seed makes it. */
function named(kind: ResourceKind | undefined, request: InstanceType<typeof proto.CheckRequest>, inputs: Inputs, before: Inputs): Inputs {
  const input = kind?.nameInput
  if (input === undefined || inputs[input] !== undefined) return inputs
  const seed = Buffer.from(request.getRandomseed_asU8()).toString('hex').slice(0, 7)
  return { ...inputs, [input]: before[input] ?? `${logicalName(request.getUrn())}-${seed}`, [defaultsMark]: [input] }
}

function keepsName(kind: ResourceKind, before: Inputs, after: Inputs): boolean {
  const input = kind.nameInput
  const madeUp = Array.isArray(after[defaultsMark]) && after[defaultsMark].includes(input)
  return input !== undefined && !madeUp && before[input] === after[input]
}

/** Names of outputs are the same for every resource of a type; their values are not known before it exists. */
function unknownOutputs(token: string, inputs: Inputs): Inputs {
  const resource = { key: '', token, id: '', cloud: 'aws', region: '', inputs: knownInputs(inputs), version: 1 } as const
  const outputs = kindOf(token)?.outputs(emptyState(0), resource) ?? {}
  return Object.fromEntries(Object.keys(outputs).map((name) => [name, unknown]))
}

function withoutMarks(inputs: Inputs): Inputs {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !name.startsWith('__')))
}

function pick(inputs: Inputs, names: readonly string[]): Inputs {
  return Object.fromEntries(names.filter((name) => name in inputs).map((name) => [name, inputs[name]]))
}

function values(message: Struct | undefined): Inputs {
  const value = plain(message?.toJavaScript() ?? {})
  return isRecord(value) ? value : {}
}

function struct(inputs: Inputs): Struct {
  const json = JSON.parse(JSON.stringify(inputs)) as Parameters<typeof structProto.Struct.fromJavaScript>[0]
  return structProto.Struct.fromJavaScript(json)
}

/** A URN is `urn:pulumi:stack::project::parent$type::name`. */
function tokenOf(urn: string): string {
  return urn.split('::')[2]?.split('$').at(-1) ?? ''
}

function logicalName(urn: string): string {
  return urn.split('::').slice(3).join('::')
}
