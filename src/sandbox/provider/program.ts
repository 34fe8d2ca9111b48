import { createRequire, flushCompileCache } from 'node:module'
import { setTimeout as after } from 'node:timers/promises'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import grpcProto from '@pulumi/pulumi/proto/provider_grpc_pb.js'
import { StateFolder } from '../state-folder.ts'
import { loadArgsTable } from './args.ts'
import { providerMethods } from './provider-methods.ts'

/** Launch templates with user data can be large; the engine allows as much. */
const largestMessage = 400 * 1024 * 1024
/** The engine that started the program may be killed: how often that is looked at. */
const parentWatchMs = 500

const name = process.argv[2] ?? ''
const directory = process.env['PRESCALE_SANDBOX'] ?? ''
const { version } = createRequire(import.meta.url)(`@pulumi/${name}/package.json`) as { version: string }

const server = new Server({ 'grpc.max_receive_message_length': largestMessage, 'grpc.max_send_message_length': largestMessage })
server.addService(
  grpcProto.ResourceProviderService,
  providerMethods({
    name,
    version,
    folder: new StateFolder(directory, () => Date.now() / 1000),
    args: loadArgsTable(name),
    scope: { region: process.env[name === 'gcp' ? 'GOOGLE_REGION' : 'AWS_REGION'], project: process.env['GOOGLE_PROJECT'] ?? 'sandbox' },
    wait: (milliseconds, signal) => after(milliseconds, undefined, { signal }),
  }),
)
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error
  process.stdout.write(`${port}\n`)
  // The engine may kill the program instead of ending it; the cache would not be written then.
  flushCompileCache()
})

const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) process.exit(0)
}, parentWatchMs).unref()
