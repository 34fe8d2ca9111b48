import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { aPostgres, type Postgres } from '../support/postgres.ts'
import { aPrescaleProject, type Ended, type PrescaleProject } from './prescale-project.ts'

/** Secrets that a team would have in the environment, each unlike anything else. */
const canaries = {
  INFLUX_TOKEN: 'canary-influx-5f1c0a',
  AWS_SECRET_ACCESS_KEY: 'canary-aws-93be77',
  AWS_SESSION_TOKEN: 'canary-session-2ad401',
  GOOGLE_CREDENTIALS: '{"private_key":"canary-google-77c1e0"}',
  ARM_CLIENT_SECRET: 'canary-azure-0b55d2',
  PULUMI_ACCESS_TOKEN: 'canary-pulumi-e81f39',
}
const databasePassword = 'canary-database-41d6aa'
const planted = [...Object.values(canaries).map((value) => /canary-\w+-\w+/.exec(value)?.[0] ?? value), databasePassword]

/** @returns canaries that stand in the text */
const found = (text: string): readonly string[] => planted.filter((canary) => text.includes(canary))

function files(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return files(path)
    return entry.isFile() ? [path] : []
  })
}

/** @returns command lines of processes that tell a canary, as anyone on the machine may list them */
function listed(): readonly string[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, 'utf8')
      return found(line).length > 0 ? [line] : []
    } catch {
      return []
    }
  })
}

const endpoints = `endpoints: { ${['aws/us-east-1', 'aws/eu-west-1', 'gcp/us-central1', 'gcp/europe-west1', 'azure/eastus', 'azure/westeurope']
  .map((region, index) => `${region}: lb-${index}.example`)
  .join(', ')} }`
/** By workload, where its weights stand. */
const traffic: Readonly<Record<string, string>> = {
  web: `dns: cloud-dns, managedZone: shop, domain: web.shop.example`,
  dispatch: `dns: route53, zoneId: Z0123456789ABCDEFGHIJ, domain: dispatch.shop.example`,
  feed: `dns: traffic-manager, resourceGroup: sandbox-eastus, profile: shop-feed`,
}

/** The demo with one workload on clusters of three clouds, and the traffic of all by three services. */
function withTrafficAndClusters(text: string): string {
  const cluster = (role = ''): string => `, clusters: [{ name: shop${role}, workloads: [dispatch] }] }`
  return text
    .replace(/(- \{ cloud: aws, region: us-east-1, .*) \}$/m, `$1, launch: { subnets: [subnet-1, subnet-2, subnet-3] }${cluster(", nodeRole: 'arn:aws:iam::123456789012:role/eks-nodes'")}`)
    .replace(/(- \{ cloud: gcp, region: us-central1, .*) \}$/m, `$1${cluster()}`)
    .replace(/(- \{ cloud: azure, region: eastus, .*) \}$/m, `$1${cluster()}`)
    .replace(/^ {2}- name: (web|dispatch|feed)$/gm, (line, name: string) => `${line}\n    traffic: { ${traffic[name] ?? ''}, ${endpoints} }`)
}

suite('secrets', { concurrency: false }, () => {
  let postgres: Postgres
  let project: PrescaleProject
  before(async () => {
    postgres = await aPostgres()
    project = aPrescaleProject({ ...canaries, PRESCALE_DATABASE_URL: postgres.url.replace('postgres:postgres@', `postgres:${databasePassword}@`) })
    project.settings((text) => `${withTrafficAndClusters(text)}\ncoordination: { store: postgres }\n`)
  })
  after(async () => {
    await project[Symbol.asyncDispose]()
    await postgres.stop()
  })
  const told: string[] = []
  const run = async (...words: readonly string[]): Promise<Ended> => {
    const ended = await project.prescale(...words)
    told.push(ended.stdout, ended.stderr)
    return ended
  }

  /** @returns command lines that told a canary meanwhile */
  const reconcile = async (): Promise<readonly string[]> => {
    const lines = new Set<string>()
    const looking = setInterval(() => {
      for (const line of listed()) lines.add(line)
    }, 50)
    const ended = await run('reconcile', '--json')
    clearInterval(looking)
    assert.equal(ended.code, 0, ended.stdout + ended.stderr)
    return [...lines]
  }
  const leaks = (): readonly string[] => files(project.directory).filter((file) => !file.includes('node_modules') && found(readFileSync(file, 'latin1')).length > 0)

  test('a whole cycle with node pools and traffic tells none in its output, its files, its state or the list of processes', async () => {
    assert.deepEqual(await reconcile(), [])
    const stacks = [...project.documents()].filter(([name]) => name.startsWith('stacks/')).map(([, text]) => text).join('\n')
    for (const part of ['kubernetes:', 'dns: cloud-dns', 'dns: traffic-manager', 'zoneId: Z0123456789ABCDEFGHIJ']) assert.ok(stacks.includes(part), part)
    for (const words of [['status', '--json'], ['audit', '--json'], ['preview', '--markdown'], ['explain', 'aws/us-east-1/web'], ['doctor']]) await run(...words)
    assert.deepEqual(found(told.join('\n')), [])
    assert.deepEqual(leaks(), [])
  })

  test('weights that are handed over to other stacks tell none either', async () => {
    const swapped = (text: string, cloud: string): string => {
      const [first = '', second = ''] = text.match(new RegExp(`^ {2}- \\{ cloud: ${cloud}, .*$`, 'gm')) ?? []
      return text.replace(`${first}\n${second}`, `${second}\n${first}`)
    }
    project.settings((text) => `${swapped(swapped(withTrafficAndClusters(text), 'gcp'), 'azure')}\ncoordination: { store: postgres }\n`)
    assert.deepEqual(await reconcile(), [])
    const audit = await run('audit', '--json')
    assert.equal(audit.stdout.match(/"hand-over"/g)?.length, 5, audit.stdout)
    assert.deepEqual(found(told.join('\n')), [])
    assert.deepEqual(leaks(), [])
  })

  test('an error about a database or a history source tells no password and no token', async () => {
    const broken = aPrescaleProject({ ...canaries, BROKEN_URL: `postgres://user:${databasePassword}@127.0.0.1:9/none` })
    broken.settings((text) => `${text}\ncoordination: { store: postgres, urlEnv: BROKEN_URL }\n`)
    const ended = await broken.prescale('halt', '--reason', 'test', '--json')
    assert.equal(ended.code, 1)
    assert.match(ended.stdout, /coordination-unreachable/)
    assert.match(ended.stdout, /ECONNREFUSED/)
    assert.deepEqual(found(ended.stdout + ended.stderr), [])
    broken.settings((text) => text.replace(/^history:[\s\S]*?nodePaths:.*$/m, 'history: { source: influx2, url: http://127.0.0.1:9, org: o, bucket: b }'))
    const history = await broken.prescale('history', '--json')
    assert.notEqual(history.code, 0)
    assert.deepEqual(found(history.stdout + history.stderr), [])
    await broken[Symbol.asyncDispose]()
  })
})
