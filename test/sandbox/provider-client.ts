import { credentials, Server, ServerCredentials, status, type ServiceError } from '@grpc/grpc-js'
import grpcProto from '@pulumi/pulumi/proto/provider_grpc_pb.js'
import type plugin from '@pulumi/pulumi/proto/plugin_pb.js'
import proto from '@pulumi/pulumi/proto/provider_pb.js'
import statusProto from '@pulumi/pulumi/proto/status_pb.js'
import emptyProto from 'google-protobuf/google/protobuf/empty_pb.js'
import structProto from 'google-protobuf/google/protobuf/struct_pb.js'
import type { TestContext } from 'node:test'
import type { Inputs } from '../../src/sandbox/inputs.ts'
import { loadArgsTable } from '../../src/sandbox/provider/args.ts'
import type { Wait } from '../../src/sandbox/provider/calls.ts'
import { providerMethods } from '../../src/sandbox/provider/provider-methods.ts'
import type { StateFolder } from '../../src/sandbox/state-folder.ts'

/** What a call answered, in the terms of a test. */
export interface Answer {
  readonly id: string
  readonly properties: Inputs
  readonly inputs: Inputs
}

/** One property of a detailed difference: `update`, `update-replace` and so on. */
export type Differences = Readonly<Record<string, string>>

const kindNames = ['add', 'add-replace', 'delete', 'delete-replace', 'update', 'update-replace'] as const

/** An engine's end of the protocol, speaking to a provider in this process. */
export class ProviderClient {
  readonly #client: InstanceType<typeof grpcProto.ResourceProviderClient>

  constructor(port: number) {
    this.#client = new grpcProto.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure())
  }

  close(): void {
    this.#client.close()
  }

  async check(token: string, inputs: Inputs, before: Inputs = {}): Promise<{ readonly inputs: Inputs; readonly failures: Differences }> {
    const request = new proto.CheckRequest().setUrn(urn(token)).setNews(struct(inputs)).setOlds(struct(before)).setRandomseed(new Uint8Array([0xab, 0xcd, 0xef, 0x12]))
    const response = await answer<InstanceType<typeof proto.CheckResponse>>((done) => this.#client.check(request, done))
    return { inputs: values(response.getInputs()), failures: Object.fromEntries(response.getFailuresList().map((failure) => [failure.getProperty(), failure.getReason()])) }
  }

  async diff(token: string, before: Inputs, after: Inputs, ignored: readonly string[] = []) {
    const request = new proto.DiffRequest().setUrn(urn(token)).setId('id').setOldInputs(struct(before)).setOlds(struct(before)).setNews(struct(after)).setIgnorechangesList([...ignored])
    const response = await answer<InstanceType<typeof proto.DiffResponse>>((done) => this.#client.diff(request, done))
    const detailed = response.getDetaileddiffMap()
    return {
      changes: response.getChanges() === proto.DiffResponse.DiffChanges.DIFF_SOME,
      replaces: response.getReplacesList(),
      deletesFirst: response.getDeletebeforereplace(),
      detailed: Object.fromEntries(detailed.toArray().map(([path]) => [path, kindNames[detailed.get(path)?.getKind() ?? 0] ?? ''])) satisfies Differences,
    }
  }

  async create(token: string, inputs: Inputs, how: 'preview' | 'real' = 'real'): Promise<Answer> {
    const request = new proto.CreateRequest().setUrn(urn(token)).setProperties(struct(inputs)).setPreview(how === 'preview')
    const response = await answer<InstanceType<typeof proto.CreateResponse>>((done) => this.#client.create(request, done))
    return { id: response.getId(), properties: values(response.getProperties()), inputs }
  }

  async update(token: string, id: string, before: Inputs, inputs: Inputs, how: 'preview' | 'real' = 'real'): Promise<Answer> {
    const request = new proto.UpdateRequest().setUrn(urn(token)).setId(id).setOldInputs(struct(before)).setOlds(struct(before)).setNews(struct(inputs)).setPreview(how === 'preview')
    const response = await answer<InstanceType<typeof proto.UpdateResponse>>((done) => this.#client.update(request, done))
    return { id, properties: values(response.getProperties()), inputs }
  }

  async read(token: string, id: string, inputs: Inputs = {}): Promise<Answer> {
    const request = new proto.ReadRequest().setUrn(urn(token)).setId(id).setInputs(struct(inputs)).setProperties(struct(inputs))
    const response = await answer<InstanceType<typeof proto.ReadResponse>>((done) => this.#client.read(request, done))
    return { id: response.getId(), properties: values(response.getProperties()), inputs: values(response.getInputs()) }
  }

  async delete(token: string, id: string, inputs: Inputs = {}): Promise<void> {
    const request = new proto.DeleteRequest().setUrn(urn(token)).setId(id).setProperties(struct(inputs))
    await answer<InstanceType<typeof emptyProto.Empty>>((done) => this.#client.delete(request, done))
  }

  async invoke(token: string, inputs: Inputs): Promise<Inputs> {
    const request = new proto.InvokeRequest().setTok(token).setArgs(struct(inputs))
    return values((await answer<InstanceType<typeof proto.InvokeResponse>>((done) => this.#client.invoke(request, done))).getReturn())
  }

  async version(): Promise<string> {
    return (await answer<InstanceType<typeof plugin.PluginInfo>>((done) => this.#client.getPluginInfo(new emptyProto.Empty(), done))).getVersion()
  }

  async cancel(): Promise<void> {
    await answer<InstanceType<typeof emptyProto.Empty>>((done) => this.#client.cancel(new emptyProto.Empty(), done))
  }

  async configure(inputs: Inputs): Promise<{ readonly acceptsSecrets: boolean; readonly previews: boolean }> {
    const request = new proto.ConfigureRequest().setArgs(struct(inputs))
    const response = await answer<InstanceType<typeof proto.ConfigureResponse>>((done) => this.#client.configure(request, done))
    return { acceptsSecrets: response.getAcceptsecrets(), previews: response.getSupportspreview() }
  }
}

const noWait: Wait = () => Promise.resolve()

/** A provider over the clouds of a folder, served until the test ends. */
export async function aProvider(context: TestContext, name: string, folder: StateFolder, wait: Wait = noWait): Promise<ProviderClient> {
  const server = new Server()
  const service = providerMethods({ name, version: '1.2.3', folder, args: loadArgsTable(name), scope: { region: undefined, project: 'sandbox' }, wait })
  server.addService(grpcProto.ResourceProviderService, service)
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error === null ? resolve(bound) : reject(error)))
  })
  const client = new ProviderClient(port)
  context.after(() => {
    client.close()
    server.forceShutdown()
  })
  return client
}

/** @returns what the engine keeps of a resource whose call failed partly; undefined for any other error */
export function partialFailure(error: unknown): { readonly id: string; readonly reasons: readonly string[]; readonly properties: Inputs; readonly inputs: Inputs } | undefined {
  const [packed] = (error as ServiceError).metadata.get('grpc-status-details-bin')
  if (!(packed instanceof Buffer)) return undefined
  const whole = statusProto.Status.deserializeBinary(packed)
  if (whole.getCode() !== status.UNKNOWN) return undefined
  const [detail] = whole.getDetailsList()
  const failure = detail?.unpack((bytes: Uint8Array) => proto.ErrorResourceInitFailed.deserializeBinary(bytes), 'pulumirpc.ErrorResourceInitFailed')
  if (failure === undefined || failure === null) return undefined
  return { id: failure.getId(), reasons: failure.getReasonsList(), properties: values(failure.getProperties()), inputs: values(failure.getInputs()) }
}

function urn(token: string): string {
  return `urn:pulumi:stack::project::prescale:aws:NodePool$${token}::web`
}

function answer<Response>(call: (done: (error: ServiceError | null, response: Response) => void) => unknown): Promise<Response> {
  return new Promise((resolve, reject) => call((error, response) => (error === null ? resolve(response) : reject(error))))
}

function struct(inputs: Inputs) {
  const json = JSON.parse(JSON.stringify(inputs)) as Parameters<typeof structProto.Struct.fromJavaScript>[0]
  return structProto.Struct.fromJavaScript(json)
}

function values(message: { toJavaScript(): unknown } | undefined): Inputs {
  return (message?.toJavaScript() ?? {}) as Inputs
}
