import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'

/** Where a feed is read from. */
export interface FeedPlace {
  /** Absolute path, or http(s) address. */
  readonly from: string
  /** Sent as bearer token to an address; undefined sends none. */
  readonly token: string | undefined
}

/** What reading a feed came to. */
export type FeedReading = { readonly kind: 'read'; readonly text: string } | { readonly kind: 'failed'; readonly reason: string }

const longestWaitSeconds = 20
const mostBytes = 32 * 2 ** 20

/** @returns whether a feed's place is an address */
export function isAddress(from: string): boolean {
  return /^https?:\/\//i.test(from)
}

/**
 * Reads a feed's text; a file that begins as gzip does is unpacked.
 * @returns `failed` when the file or server is not there, answers with an error, too slowly or with too much
 * @throws the signal's reason when it aborts
 */
export async function feedText({ from, token }: FeedPlace, signal: AbortSignal): Promise<FeedReading> {
  try {
    return { kind: 'read', text: isAddress(from) ? await fetched(from, token, signal) : await fromFile(from) }
  } catch (error) {
    signal.throwIfAborted()
    return { kind: 'failed', reason: reasonOf(error) }
  }
}

async function fromFile(path: string): Promise<string> {
  const bytes = await readFile(path)
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8')
}

async function fetched(address: string, token: string | undefined, signal: AbortSignal): Promise<string> {
  const response = await fetch(address, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout(longestWaitSeconds * 1000)]),
  })
  if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`.trim())
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array)
    size += (chunk as Uint8Array).length
    if (size > mostBytes) throw new Error(`the answer is larger than ${mostBytes / 2 ** 20} MiB`)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${longestWaitSeconds} s`
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'there is no such file'
  return error.cause instanceof Error ? error.cause.message || error.message : error.message
}
