import type { Settings } from '../../config/schema.ts'
import { rfc3339 } from '../../domain/grid.ts'
import { type CheckResult, type Examination, fail, ok, warn } from './check.ts'

type Influx = Extract<Settings['history'], { source: 'influx2' }>

/** Long enough for a server under load, short enough for a person who waits. */
const patienceMs = 5_000
const name = 'influxdb'

/** Server, token, organisation, bucket, permission to read, and how old the newest sample of each workload is. */
export async function influxResults(influx: Influx, settings: Settings, examination: Examination): Promise<readonly CheckResult[]> {
  const { env } = examination
  const server = await reach(influx, examination)
  if (server.status === 'fail') return [server]
  const token = env[influx.tokenEnv] ?? ''
  if (token === '')
    return [
      server,
      fail('influxdb token', `${influx.tokenEnv} is not set`, `export ${influx.tokenEnv}=<a token that may read bucket ${influx.bucket}>`),
    ]
  const asked = await askFor(influx, token, newestOf(influx, undefined), examination)
  if (asked.kind === 'refused') return [server, refusal(asked.status, influx)]
  const samples = await Promise.all(settings.workloads.map((workload) => newestSample(influx, token, workload, settings, examination)))
  return [server, ok('influxdb token', `${influx.tokenEnv} may read ${influx.org}/${influx.bucket}`), ...samples]
}

async function reach(influx: Influx, examination: Examination): Promise<CheckResult> {
  try {
    const answer = await request(influx, '/ping', { method: 'GET' }, examination)
    const version = answer.headers.get('x-influxdb-version')
    await answer.body?.cancel()
    if (version === null)
      return fail(name, `what answers at ${influx.url} is not InfluxDB (HTTP ${answer.status})`, 'mend history.url in prescale.yaml')
    return ok(name, `${influx.url}, version ${version}`)
  } catch (error) {
    examination.signal.throwIfAborted()
    return fail(name, `nothing answers at ${influx.url}: ${reasonOf(error)}`, 'start it, or mend history.url in prescale.yaml')
  }
}

function refusal(status: number, { org, bucket, tokenEnv, url }: Influx): CheckResult {
  const check = 'influxdb token'
  switch (status) {
    case 401:
      return fail(check, `the token in ${tokenEnv} is not accepted`, `make one for bucket ${bucket} at ${url}, then export ${tokenEnv}`)
    case 403:
      return fail(check, `the token in ${tokenEnv} may not read bucket ${bucket}`, `give it read permission for ${org}/${bucket}`)
    case 404:
      // The server says that a bucket is not there when the token may only write it.
      return fail(
        check,
        `there is no bucket ${bucket} in ${org}, or the token in ${tokenEnv} may not read it`,
        'mend history.org and history.bucket in prescale.yaml, or give the token read permission',
      )
    default:
      return fail(check, `a query is answered with HTTP ${status}`, `look at the log of the server at ${url}`)
  }
}

type Answer = { readonly kind: 'answered'; readonly csv: string } | { readonly kind: 'refused'; readonly status: number }

async function newestSample(
  influx: Influx,
  token: string,
  workload: Settings['workloads'][number],
  settings: Settings,
  examination: Examination,
): Promise<CheckResult> {
  const check = `demand of ${workload.name}`
  if (workload.demand.kind === 'executions' && workload.demand.executions.paths !== undefined) return ok(check, 'read from files of executions; prescale history shows it')
  if (workload.demand.flux !== undefined) return ok(check, 'read by Flux of your own; prescale history shows it')
  const answer = await askFor(influx, token, newestOf(influx, workload), examination)
  if (answer.kind === 'refused')
    return fail(check, `the newest sample cannot be asked for (HTTP ${answer.status})`, `prescale history ${workload.name}`)
  const { measurement } = workload.demand
  const field = fieldOf(workload)
  const newest = newestTime(answer.csv)
  const tags = Object.entries(tagsOf(workload))
    .map(([tag, value]) => `${tag}=${value}`)
    .join(' ')
  if (newest === undefined) {
    return fail(
      check,
      `no sample of ${measurement} field ${field} with ${tags} in ${lookBackDays} days`,
      `mend workloads[].demand in prescale.yaml, or look at what reports ${measurement}`,
    )
  }
  const age = examination.now() - newest
  const limit = settings.historyLimits.maxAge
  const found = `newest sample ${rfc3339(Math.floor(newest))}`
  if (age <= limit) return ok(check, found)
  return warn(
    check,
    `${found}, ${Math.round(age / 60)} min ago (limit ${Math.round(limit / 60)} min)`,
    `look at what reports ${measurement}: counts are held while demand is stale`,
  )
}

const lookBackDays = 30

/** Flux for the newest sample: of a workload, or of anything at all, which only asks whether reading is allowed. */
function newestOf(influx: Influx, workload: Settings['workloads'][number] | undefined): string {
  const from = `from(bucket: ${fluxText(influx.bucket)})`
  if (workload === undefined) return `${from} |> range(start: -1m) |> limit(n: 1)`
  const { measurement } = workload.demand
  const field = fieldOf(workload)
  const conditions = [
    `r._measurement == ${fluxText(measurement)}`,
    `r._field == ${fluxText(field)}`,
    ...Object.entries(tagsOf(workload)).map(([tag, value]) => `r[${fluxText(tag)}] == ${fluxText(value)}`),
  ]
  const filtered = `${from} |> range(start: -${lookBackDays}d) |> filter(fn: (r) => ${conditions.join(' and ')})`
  return `${filtered} |> group() |> max(column: "_time") |> keep(columns: ["_time"])`
}

/** The field that every sample has. */
function fieldOf({ demand }: Settings['workloads'][number]): string {
  return demand.kind === 'executions' ? demand.executions.duration : demand.field
}

function tagsOf(workload: Settings['workloads'][number]): Readonly<Record<string, string>> {
  return { workload: workload.name, ...workload.demand.tags }
}

function fluxText(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('${', '\\${')}"`
}

async function askFor({ org, ...influx }: Influx, token: string, query: string, examination: Examination): Promise<Answer> {
  const answer = await request(
    influx,
    `/api/v2/query?org=${encodeURIComponent(org)}`,
    {
      method: 'POST',
      headers: { Authorization: `Token ${token}`, 'Content-Type': 'application/vnd.flux', Accept: 'application/csv' },
      body: query,
    },
    examination,
  )
  const csv = await answer.text()
  return answer.ok ? { kind: 'answered', csv } : { kind: 'refused', status: answer.status }
}

/** @returns the instant in the only row of the answer, Unix seconds */
function newestTime(csv: string): number | undefined {
  const times = [...csv.matchAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g)].map(([time]) => Date.parse(time) / 1000)
  return times.length === 0 ? undefined : Math.max(...times)
}

async function request({ url }: Pick<Influx, 'url'>, path: string, init: RequestInit, { fetch, signal }: Examination): Promise<Response> {
  return fetch(`${url.replace(/\/+$/, '')}${path}`, {
    ...init,
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
  })
}

/** The cause says more than `fetch failed`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${patienceMs / 1000} s`
  const { cause } = error
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : error.message
}
