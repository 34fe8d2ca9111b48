import { HttpError } from '@influxdata/influxdb-client'
import { AnswerFault } from './annotated-csv.ts'

/** Where the server is and what is asked of it; never the token. */
export interface Influx2Place {
  readonly url: string
  readonly org: string
  readonly bucket: string
}

/** Why a page could not be read, and whether asking again may help. */
export interface Failure {
  readonly reason: string
  readonly passing: boolean
}

/** Nothing came from the server for too long. */
export class Stalled extends Error {
  override readonly name = 'Stalled'
}

const passingStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504])
const passingCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'EAI_AGAIN'])

/** @returns what an error of the client means, in prescale's words */
export function explainFailure(error: unknown, place: Influx2Place): Failure {
  if (error instanceof AnswerFault) return { reason: `${error.message}${memoryAdvice(error.message)}`, passing: false }
  if (error instanceof Stalled) return { reason: `${error.message}; raise history.timeout or look at the server's load`, passing: false }
  if (error instanceof HttpError) return explainStatus(error, place)
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  if (code === 'ECONNREFUSED') return { reason: `nothing listens at ${place.url} (${code})`, passing: true }
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return { reason: `the connection broke before the answer was complete (${code})`, passing: true }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return { reason: `the host name of ${place.url} is not known (${code})`, passing: code === 'EAI_AGAIN' }
  return { reason: code === undefined ? message : `${message} (${code})`, passing: code !== undefined && passingCodes.has(code) }
}

function explainStatus(error: HttpError, place: Influx2Place): Failure {
  // Flux repeats itself over many lines
  const told = error.message.trim().split('\n')[0] ?? ''
  const failure = (reason: string, passing: boolean): Failure => ({ reason: `${reason} (HTTP ${error.statusCode}: ${told})`, passing })
  switch (error.statusCode) {
    case 400:
      if (told.includes('queue length exceeded')) return failure('the server has too many queries waiting', true)
      return failure(`the server refused the query${memoryAdvice(told)}`, false)
    case 401:
      return failure(`the token was not accepted; check that it is current and belongs to organisation ${place.org}`, false)
    case 403:
      return failure(`the token may not do this; it needs read permission for bucket ${place.bucket}`, false)
    case 404:
      // a token without read permission is told that the bucket does not exist
      return failure(
        `bucket ${place.bucket} or organisation ${place.org} does not exist, or the token has no read permission for the bucket`,
        false,
      )
    default:
      return failure('the server failed', passingStatuses.has(error.statusCode))
  }
}

function memoryAdvice(told: string): string {
  return told.includes('memory allocation limit') ? "; raise the server's query-memory-bytes or read at a coarser historyLimits.step" : ''
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const code = (error as NodeJS.ErrnoException).code
  return typeof code === 'string' ? code : codeOf(error.cause)
}
