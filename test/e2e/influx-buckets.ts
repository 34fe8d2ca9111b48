import type { InfluxServer } from '../support/influxd.ts'

async function ask(server: InfluxServer, method: 'GET' | 'POST', path: string, body?: string): Promise<unknown> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Token ${server.token}` },
    ...(body === undefined ? {} : { body }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}

async function organisationId(server: InfluxServer): Promise<string> {
  const { orgs } = (await ask(server, 'GET', `/api/v2/orgs?org=${server.org}`)) as { orgs: readonly { id: string }[] }
  return orgs[0]?.id ?? ''
}

/**
 * Makes a bucket of its own for one test.
 * @param lines  line protocol with nanoseconds
 * @returns the bucket's id
 */
export async function makeBucket(server: InfluxServer, name: string, lines: string): Promise<string> {
  const { id } = (await ask(
    server,
    'POST',
    '/api/v2/buckets',
    JSON.stringify({ orgID: await organisationId(server), name, retentionRules: [] }),
  )) as { id: string }
  if (lines !== '') await writeLines(server, name, lines)
  return id
}

export async function writeLines(server: InfluxServer, bucket: string, lines: string): Promise<void> {
  await ask(server, 'POST', `/api/v2/write?org=${server.org}&bucket=${bucket}`, lines)
}

/** @returns a token that may only do `action` on one bucket */
export async function tokenFor(server: InfluxServer, bucketId: string, action: 'read' | 'write'): Promise<string> {
  const orgID = await organisationId(server)
  const made = (await ask(
    server,
    'POST',
    '/api/v2/authorizations',
    JSON.stringify({ orgID, permissions: [{ action, resource: { type: 'buckets', id: bucketId, orgID } }] }),
  )) as { token: string }
  return made.token
}
