import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import type { StackVerdict } from '../../src/domain/observation.ts'
import type { ProjectStatus } from '../../src/app/status.ts'
import { aPrescaleProject, type Ended, type PrescaleProject } from './prescale-project.ts'

interface StackDocument {
  readonly stack: string
  readonly verdict: StackVerdict
  readonly run?: { readonly changes: { readonly created: number; readonly updated: number } }
}

const stacksOf = (ended: Ended): readonly StackDocument[] => (JSON.parse(ended.stdout) as { stacks: StackDocument[] }).stacks
const kinds = (ended: Ended): readonly string[] => stacksOf(ended).map(({ verdict }) => verdict.kind)
const codeOf = (ended: Ended): string => (JSON.parse(ended.stdout) as { error: { code: string } }).error.code

suite('the whole line on the real engine', () => {
  let project: PrescaleProject
  const status = async (): Promise<ProjectStatus> => JSON.parse((await project.prescale('status', '--json')).stdout) as ProjectStatus
  const unreached = async (): Promise<readonly unknown[]> => (await status()).pools.filter((pool) => pool.state !== 'reached')
  const someStack = (): string => join(project.directory, 'stacks', 'aws-us-east-1.yaml')

  before(() => {
    project = aPrescaleProject()
  })
  after(() => project[Symbol.asyncDispose]())

  test('the first cycle writes forecasts and desired states and brings every stack to its nodes', async () => {
    const ended = await project.prescale('reconcile', '--json', '--detailed-exitcode')
    assert.equal(ended.code, 2, ended.stdout + ended.stderr)
    assert.equal(ended.stderr, '')
    assert.deepEqual(kinds(ended), Array(6).fill('reached'))
    const names = [...project.documents().keys()]
    // seven of user zones, three of workloads
    assert.equal(names.filter((name) => name.startsWith('forecasts/') && name.endsWith('.yaml')).length, 7 + 3)
    assert.equal(names.filter((name) => name.endsWith('.svg')).length, 7 + 3)
    assert.equal(names.filter((name) => /^stacks\/(aws|gcp|azure)/.test(name)).length, 6)
    const { pools } = await status()
    assert.ok(pools.length > 10)
    assert.ok(pools.every((pool) => pool.state === 'reached' && pool.ready === pool.desired))
  })

  test('a second cycle changes no file and does not start the engine', async () => {
    const documents = project.documents()
    const ended = await project.prescale('reconcile', '--json', '--detailed-exitcode')
    assert.equal(ended.code, 0, ended.stdout + ended.stderr)
    assert.deepEqual(kinds(ended), Array(6).fill('unchanged'))
    assert.ok(stacksOf(ended).every(({ run }) => run === undefined))
    assert.deepEqual(project.documents(), documents)
  })

  test('a desired state edited by hand is refused as stale and nothing is applied', async () => {
    const text = readFileSync(someStack(), 'utf8')
    writeFileSync(someStack(), text.replace(/desired: (\d+), max: \d+\}/, (_, desired: string) => `desired: ${Number(desired) + 1}, max: 99}`))
    const ended = await project.prescale('apply', '--json')
    assert.deepEqual([ended.code, codeOf(ended)], [6, 'plan-edited'])
    writeFileSync(someStack(), text)
    assert.deepEqual(await unreached(), [])
  })

  test('a count raised by hand is seen as drift and left as it is, until a repair is asked for', async () => {
    // on AWS a schedule acts at its times; Google and Azure would take the count back at once
    const wanted = [...project.documents()].flatMap(([name, text]) => (name.startsWith('stacks/aws-') ? [...text.matchAll(/group: (\S+)[\s\S]*?desired: (\d+), max: (\d+)\}/g)] : []))
    const [, group, desired] = wanted.find(([, , count, max]) => Number(count) < Number(max)) ?? []
    const victim = (await status()).pools.find((pool) => pool.live === Number(desired) && group !== undefined && group.startsWith(pool.pool.split('/')[2] ?? '?') && pool.pool.toLowerCase().replace(/[^a-z0-9]+/g, '-').endsWith(group))
    assert.ok(victim !== undefined)
    const set = await project.prescale('sandbox', 'set', victim.pool, String(Number(desired) + 1))
    assert.equal(set.code, 0, set.stderr)
    assert.equal((await status()).pools.find((pool) => pool.pool === victim.pool)?.state, 'drifted')
    const raised = async (): Promise<number> => (await status()).pools.find((pool) => pool.pool === victim.pool)?.live ?? 0
    const old = await project.prescale('apply', '--json')
    assert.equal(old.code, 0, old.stdout)
    assert.equal(await raised(), Number(desired) + 1)
    const next = await project.prescale('reconcile', '--json')
    assert.equal(next.code, 0, next.stdout)
    assert.ok((await raised()) > Number(desired))
    assert.deepEqual((await status()).pools.filter((pool) => pool.state !== 'reached').map(({ pool }) => pool), [victim.pool])
    const repaired = await project.prescale('reconcile', '--repair', '--json')
    assert.equal(repaired.code, 0, repaired.stdout)
    assert.deepEqual(await unreached(), [])
  })

  test('with nobody running, the clouds follow the schedules of the plan', async () => {
    const counts = async (): Promise<string> => JSON.stringify((await status()).pools.map((pool) => pool.live))
    const before = await counts()
    assert.equal((await project.prescale('sandbox', 'advance', '8h')).code, 0)
    const later = await status()
    assert.notEqual(JSON.stringify(later.pools.map((pool) => pool.live)), before)
    assert.deepEqual(later.drifts, [])
    assert.deepEqual(later.pools.filter((pool) => (pool.live ?? 0) < (pool.scheduled ?? pool.desired)), [])
  })

  test('an interrupted apply ends with 130, and the next cycle completes it', async () => {
    assert.equal((await project.prescale('forecast')).code, 0)
    assert.equal((await project.prescale('plan')).code, 0)
    const leases = join(project.directory, '.prescale', 'leases')
    const held = (): boolean => existsSync(leases) && readdirSync(leases).some((name) => name.endsWith('.lease') && readFileSync(join(leases, name), 'utf8').includes('"released":false'))
    const ended = await project.interrupted(['apply', '--json'], held)
    assert.equal(ended.code, 130, ended.stdout + ended.stderr)
    const next = await project.prescale('reconcile', '--json')
    assert.equal(next.code, 0, next.stdout + next.stderr)
    assert.deepEqual(await unreached(), [])
  })

  test('while another process holds a stack, apply ends with 5 and says who', async () => {
    await project.prescale('sandbox', 'advance', '2h')
    await project.prescale('forecast')
    await project.prescale('plan')
    const leases = join(project.directory, '.prescale', 'leases')
    const taken = readdirSync(leases).find((name) => name.startsWith('sandbox.aws-us-east-1.'))
    assert.ok(taken !== undefined)
    const file = join(leases, taken)
    const released = readFileSync(file, 'utf8')
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(released) as object), pid: process.pid, sinceSeconds: Date.now() / 1000, released: false }))
    const ended = await project.prescale('apply', '--json')
    writeFileSync(file, released)
    assert.deepEqual([ended.code, codeOf(ended)], [5, 'lease-held'])
    assert.match(ended.stdout, new RegExp(`process ${process.pid}`))
  })

  test('a desired state of an earlier plan is refused once a later one is applied', async () => {
    const stacks = () => new Map([...project.documents()].filter(([name]) => /^stacks\/(aws|gcp|azure)/.test(name)))
    const earlier = stacks()
    await project.prescale('sandbox', 'advance', '1h')
    assert.equal((await project.prescale('reconcile', '--json')).code, 0)
    const [name, text] = [...stacks()].find(([file, later]) => later !== earlier.get(file)) ?? []
    assert.ok(name !== undefined && text !== undefined)
    writeFileSync(join(project.directory, name), earlier.get(name) ?? '')
    const ended = await project.prescale('apply', '--json')
    assert.deepEqual([ended.code, codeOf(ended)], [6, 'plan-superseded'])
    writeFileSync(join(project.directory, name), text)
    assert.equal((await project.prescale('apply', '--json')).code, 0)
  })

  test('demand that stopped arriving holds every count and ends with 4', async () => {
    const live = JSON.stringify((await status()).pools.map((pool) => pool.live))
    const demand = join(project.directory, '.prescale', 'sandbox', 'metrics', 'demand')
    rmSync(join(demand, readdirSync(demand).sort().at(-1) ?? ''))
    const ended = await project.prescale('reconcile', '--json')
    assert.deepEqual([ended.code, codeOf(ended)], [4, 'history-held'])
    assert.match(ended.stdout, /was last measured \d+ min ago \(limit 15 min\)/)
    assert.equal(JSON.stringify((await status()).pools.map((pool) => pool.live)), live)
  })

  test('a sandbox that was reset is built up again from its start', async () => {
    assert.equal((await project.prescale('sandbox', 'reset')).code, 0)
    const ended = await project.prescale('reconcile', '--json')
    assert.equal(ended.code, 0, ended.stdout + ended.stderr)
    assert.deepEqual(kinds(ended), Array(6).fill('reached'))
  })

  test('destroy asks for the project’s name, then deletes protected groups too', async () => {
    assert.equal((await project.prescale('destroy', 'azure-westeurope')).code, 4)
    const ended = await project.prescale('destroy', 'azure-westeurope', '--yes', 'sandbox', '--json')
    assert.equal(ended.code, 0, ended.stdout)
    const left = (await status()).pools.filter((pool) => pool.pool.startsWith('azure/westeurope/'))
    assert.ok(left.length > 0 && left.every((pool) => pool.live === undefined && pool.state === 'not applied'))
  })
})

test('faults of the settings are told at once, with line and column, and end with 7', async () => {
  await using project = aPrescaleProject()
  project.settings((text) => text.replace('horizon: 48h', 'horizon: 90m').replace('spotShare: 0.3', 'spotShare: 3'))
  const ended = await project.prescale('reconcile', '--json')
  assert.deepEqual([ended.code, codeOf(ended)], [7, 'input-invalid'])
  assert.match(ended.stdout, /prescale\.yaml:\d+:\d+ forecast\.horizon: /)
  assert.match(ended.stdout, /prescale\.yaml:\d+:\d+ workloads\[1\]\.spotShare: /)
  assert.equal(existsSync(join(project.directory, 'stacks')), false)
})

test('where approval is asked for, nothing is applied until the plan that was reviewed is named', async () => {
  await using project = aPrescaleProject()
  project.settings((text) => text.replace(/^limits:/m, 'approval: always\nlimits:'))
  assert.equal((await project.prescale('forecast')).code, 0)
  assert.equal((await project.prescale('plan')).code, 0)
  const planId = /^plan: (\w+)$/m.exec(readFileSync(join(project.directory, 'stacks', 'aws-us-east-1.yaml'), 'utf8'))?.[1] ?? ''
  const unapproved = await project.prescale('apply', '--json')
  assert.deepEqual([unapproved.code, codeOf(unapproved)], [4, 'approval-needed'])
  assert.match(unapproved.stdout, new RegExp(`prescale approve ${planId}`))
  assert.equal((await project.prescale('apply', '--approve', '0000000000000000')).code, 4)
  assert.equal(existsSync(join(project.directory, '.prescale', 'pulumi')), false)
  const approved = await project.prescale('apply', 'gcp-europe-west1', '--approve', planId, '--json')
  assert.equal(approved.code, 0, approved.stdout + approved.stderr)
  assert.deepEqual([(await project.prescale('approve', 'feedfacefeedface', '--json')).code, (await project.prescale('apply', 'aws-eu-west-1', '--json')).code], [7, 4])
  assert.equal((await project.prescale('approve', planId, '--reason', 'looks right')).code, 0)
  const later = await project.prescale('apply', 'aws-eu-west-1', '--json')
  assert.equal(later.code, 0, later.stdout + later.stderr)
  const entries = JSON.parse((await project.prescale('audit', '--json')).stdout) as { kind: string; subject: string }[]
  assert.deepEqual(entries.map(({ kind, subject }) => [kind, subject]), [['approval-used', planId], ['approve', planId], ['approval-used', planId]])
})

test('what is halted is left as it is, said why, until it is resumed', async () => {
  await using project = aPrescaleProject()
  assert.equal((await project.prescale('forecast')).code, 0)
  assert.equal((await project.prescale('plan')).code, 0)
  assert.equal((await project.prescale('halt', 'gcp/nowhere', '--reason', 'x', '--json')).code, 7)
  assert.equal((await project.prescale('halt', 'gcp/europe-west1', '--reason', 'network work')).code, 0)
  const halted = await project.prescale('apply', 'gcp-europe-west1', '--json')
  assert.equal(halted.code, 4, halted.stdout)
  assert.match(halted.stdout, /gcp\/europe-west1 is halted by .*network work/)
  assert.equal((await project.prescale('resume', 'gcp/europe-west1')).code, 0)
  const resumed = await project.prescale('apply', 'gcp-europe-west1', '--json')
  assert.equal(resumed.code, 0, resumed.stdout)
})
