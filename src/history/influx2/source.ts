import type { TimeRange } from '../../domain/grid.ts'
import type { DemandQuery, HistorySource, RawSamples } from '../../domain/history.ts'
import { InfluxDB, type Transport } from '@influxdata/influxdb-client'
import { Problem } from '../../domain/problem.ts'
import { SampleBuffer } from '../sample-buffer.ts'
import { AnnotatedCsvReader, AnswerFault } from './annotated-csv.ts'
import { explainFailure, type Influx2Place, Stalled } from './failures.ts'
import { type Aggregation, aggregationOf, demandFlux, fixedColumns } from './flux.ts'

export interface Influx2Options extends Influx2Place {
  readonly token: string
  /** How long the server may stay silent. */
  readonly timeoutSeconds: number
}

/** The two effects of trying again, passed in so that tests neither wait nor gamble. */
export interface Patience {
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Resolves after so many seconds; rejects with the signal's reason when it aborts. */
  readonly wait: (seconds: number, signal: AbortSignal) => Promise<void>
}

const attempts = 5
const firstPauseSeconds = 0.25
const longestPauseSeconds = 4

/**
 * Pause before attempt `attempt`: exponential with full jitter, so that pages refused together do not come back together.
 * @param attempt  from 1, the first repetition
 * @see Brooker, Exponential Backoff And Jitter (AWS Architecture Blog, 2015)
 */
export function pauseSeconds(attempt: number, random: number): number {
  return random * Math.min(longestPauseSeconds, firstPauseSeconds * 2 ** attempt)
}

/**
 * Demand in InfluxDB 2, read with Flux. One page is one HTTP request; the caller may have several in flight.
 *
 * A page is complete or it is an error: a broken connection, an error told in the middle of an answer, and an answer without its
 * closing line all reject. Passing failures (a full queue, a restart) are asked again, the whole page each time.
 */
export class Influx2Source implements HistorySource {
  readonly description: string
  readonly rereading = 'costly'
  readonly #options: Influx2Options
  readonly #patience: Patience
  readonly #transport: Transport

  constructor(options: Influx2Options, patience: Patience) {
    this.description = `influx2 ${options.url.replace(/\/+$/, '')}/${options.org}/${options.bucket}`
    this.#options = options
    this.#patience = patience
    this.#transport = transportTo(options, this.description)
  }

  async read(query: DemandQuery, range: TimeRange, stepSeconds: number, signal: AbortSignal): Promise<RawSamples> {
    const aggregation = aggregationOf(query)
    const page = await this.#page(query, range, stepSeconds, aggregation, signal)
    // a window's sum or mean would hide what is wrong with its samples: look at each
    const negative = aggregation === 'window' && page.least < 0
    const { buffer } = negative ? await this.#page(query, range, stepSeconds, 'none', signal) : page
    return buffer.samples(query.userZones, new Uint32Array(query.userZones.length))
  }

  async #page(query: DemandQuery, range: TimeRange, stepSeconds: number, aggregation: Aggregation, signal: AbortSignal): Promise<Page> {
    const shape = { userZoneTag: query.userZoneTag, userZones: query.userZones, fixedColumns: fixedColumns(query) }
    return this.ask(demandFlux(query, this.#options.bucket, range, stepSeconds, aggregation), signal, async (chunks) => {
      const page = await readPage(chunks, shape)
      if (aggregation === 'window' && page.buffer.length > 0 !== page.least < Infinity)
        throw new AnswerFault('the answer was cut short: one of its two results is missing')
      return page
    })
  }

  /**
   * Sends one query until it is answered.
   * @param consume  called once per attempt with the answer's bytes
   * @throws Problem `history-unreadable`
   */
  async ask<Answer>(flux: string, signal: AbortSignal, consume: (chunks: AsyncIterable<Uint8Array>) => Promise<Answer>): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted()
      try {
        return await this.#askOnce(flux, signal, consume)
      } catch (error) {
        signal.throwIfAborted()
        const failure = explainFailure(error, this.#options)
        if (!failure.passing || attempt === attempts) {
          const tries = attempt === 1 ? '' : `; tried ${attempt} times`
          throw new Problem('history-unreadable', { source: this.description, reason: `${failure.reason}${tries}` }, { cause: error })
        }
      }
      await this.#patience.wait(pauseSeconds(attempt, this.#patience.random()), signal)
    }
  }

  async #askOnce<Answer>(
    flux: string,
    signal: AbortSignal,
    consume: (chunks: AsyncIterable<Uint8Array>) => Promise<Answer>,
  ): Promise<Answer> {
    const { org, timeoutSeconds } = this.#options
    const stall = new AbortController()
    const stalled = new Stalled(`nothing came from the server for ${timeoutSeconds} s`)
    // the client's own timeout does not end a stream that falls silent in its middle
    const timer = setTimeout(() => stall.abort(stalled), timeoutSeconds * 1000)
    const chunks = this.#transport.iterate(
      `/api/v2/query?org=${encodeURIComponent(org)}`,
      JSON.stringify({
        query: flux,
        type: 'flux',
        dialect: { header: true, delimiter: ',', annotations: ['datatype', 'group', 'default'] },
      }),
      {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8', 'accept-encoding': 'identity' },
        signal: AbortSignal.any([signal, stall.signal]),
      },
    )
    try {
      return await consume(watched(chunks, timer))
    } catch (error) {
      throw stall.signal.aborted ? stalled : error
    } finally {
      clearTimeout(timer)
    }
  }
}

/** @throws Problem `history-unreadable` when the address is none */
function transportTo(options: Influx2Options, description: string): Transport {
  try {
    return new InfluxDB({ url: options.url, token: options.token, timeout: options.timeoutSeconds * 1000 }).transport
  } catch (cause) {
    throw new Problem('history-unreadable', { source: description, reason: `${options.url} is not an http or https address` }, { cause })
  }
}

interface Page {
  readonly buffer: SampleBuffer
  /** The least value before aggregation. */
  readonly least: number
}

async function readPage(chunks: AsyncIterable<Uint8Array>, shape: ConstructorParameters<typeof AnnotatedCsvReader>[0]): Promise<Page> {
  const buffer = new SampleBuffer()
  const reader = new AnnotatedCsvReader(shape, buffer)
  for await (const chunk of chunks) reader.push(chunk)
  reader.end()
  return { buffer, least: reader.least }
}

/** The same chunks; each starts the timer anew. */
async function* watched(chunks: AsyncIterable<Uint8Array>, timer: NodeJS.Timeout): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    timer.refresh()
    yield chunk
  }
}
