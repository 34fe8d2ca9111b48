import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { readAudit } from '../../src/app/audit.ts'
import { projectStatus } from '../../src/app/status.ts'
import { previewStep } from '../../src/app/steps/preview-step.ts'
import { applyStep, type StackApplied } from '../../src/app/steps/apply-step.ts'
import type { DesiredRecord } from '../../src/domain/desired-state.ts'
import { type RegionKey, regionName } from '../../src/domain/pool.ts'
import { StateFolder } from '../../src/sandbox/state-folder.ts'
import { allRegions, anAppProject, aPool, type AppProject, applyAll, aState, azureEast, iowa, ireland, regions, virginia } from './app-project.ts'

const settings = `    traffic:
      dns: cloud-dns
      managedZone: shop
      domain: web.shop.example
      endpoints: { aws/us-east-1: lb-1.example, aws/eu-west-1: lb-2.example, gcp/us-central1: lb-3.example, azure/eastus: lb-4.example, gcp/europe-west1: lb-5.example }
moves: { drain: 2m }
`
const belgium = { cloud: 'gcp', region: 'europe-west1' } as const
const places = [...allRegions, belgium]
const common = { workload: 'web', userZone: 'us-east', ttlSeconds: 60 }
const targets = (weight: number) => [
  { region: 'aws/us-east-1', endpoint: 'lb-1.example', weight },
  { region: 'gcp/us-central1', endpoint: 'lb-3.example', weight: 100 - weight },
]
const set = (weight: number): DesiredRecord => ({ dns: 'cloud-dns', ...common, managedZone: 'shop', name: 'web.shop.example', targets: targets(weight) })
const profile = (weight: number): DesiredRecord => ({
  dns: 'traffic-manager', ...common, resourceGroup: 'sandbox-eastus', name: 'shop-web', monitor: { protocol: 'HTTPS', port: 443, path: '/' }, targets: targets(weight),
})

suite('a set of weights whose stack is another now', { concurrency: false }, () => {
  let site: AppProject
  const plan = (holder: RegionKey, record: DesiredRecord, was = 2): void =>
    site.plan(...places.map((region) => aState(region, region === virginia || region === iowa || region === belgium ? [aPool(region, 2, was)] : [], region === holder ? { records: [record] } : {})))
  /** Everything that answers for a name, with the version of its inputs: 1 until somebody changes it. */
  const held = () =>
    Object.values(new StateFolder(join(site.directory, '.prescale', 'sandbox'), () => 0).snapshot().resources)
      .filter(({ token }) => /recordSet|trafficmanager/.test(token))
      .map(({ key, version }) => `${key.split('/').at(-2) ?? ''}/${key.split('/').at(-1) ?? ''} ${version}`)
      .sort()
  const weights = () => (site.cloud.liveCounts([]).records ?? []).map((record) => record.targets.map(({ weight }) => weight))
  const apply = () => applyStep(site.project, applyAll)
  const steps = (applied: readonly StackApplied[]) =>
    applied.flatMap(({ run }) => run?.steps ?? []).filter(({ type }) => /recordSet|trafficmanager/.test(type)).map(({ urn, operation }) => `${operation} ${urn.split('::')[0]?.split('.').at(-1) ?? ''}`)

  before(async () => {
    site = await anAppProject(settings, `${regions}\n  - { cloud: gcp, region: europe-west1, zones: [europe-west1-b, europe-west1-c, europe-west1-d] }`)
    plan(iowa, set(60), 0)
    const some = async (): Promise<void> => {
      for (const only of ['aws-us-east-1', 'gcp-us-central1', 'gcp-europe-west1', 'azure-eastus']) await applyStep(site.project, { ...applyAll, only })
    }
    await some()
    await site.cloud.advance(600)
    await some()
    assert.deepEqual(weights(), [[60, 40]])
  })
  after(() => site[Symbol.asyncDispose]())

  for (const [from, to, title] of [[iowa, ireland, 'that was never applied'], [ireland, belgium, 'that has a provider of its own']] as const) {
    test(`moves to a stack ${title}: the cloud is not asked, and neither deletes nor makes it`, async () => {
      plan(to, set(60))
      const sentence = `web from us-east: its weights move from the stack shop.${from.cloud}-${from.region} to ${regionName(to)}`
      assert.deepEqual((await projectStatus(site.project)).handOvers, [sentence])
      const previews = await previewStep(site.project, undefined)
      assert.deepEqual([[...new Set(previews.flatMap(({ waits }) => waits))], previews.flatMap(({ run }) => (run?.steps ?? []).filter(({ type }) => /RecordSet/.test(type)))], [[sentence], []])
      const applied = [...(await apply()), ...(await apply())]
      assert.deepEqual([steps(applied), held()], [[], ['web.shop.example./CNAME 1']])
      assert.deepEqual((await readAudit(site.project, 50)).filter(({ kind }) => kind === 'hand-over').at(-1)?.what, sentence)
      assert.deepEqual([(await projectStatus(site.project)).handOvers, (await apply()).flatMap(({ run }) => (run === undefined ? [] : [run.stack]))], [[], []])
    })
  }

  test('goes on with its new stack: another weight is one update there', async () => {
    plan(belgium, set(50))
    assert.deepEqual(steps(await apply()), ['update gcp-europe-west1'])
    assert.deepEqual(weights(), [[50, 50]])
  })

  for (const [from, to, when, rewind] of [
    [belgium, iowa, 'before prescale could write it down', false],
    [iowa, belgium, 'between the two writes of the engine\u2019s states', true],
  ] as const) {
    test(`a run that died ${when} is finished by the next`, async () => {
      const { store } = site.project
      const names = [from, to].map(({ cloud, region }) => `shop.${cloud}-${region}`)
      const records = names.map((stack) => [`applied/${stack}`, store.read(`applied/${stack}`)] as const)
      const stateFile = join(site.directory, '.prescale', 'pulumi', '.pulumi', 'stacks', 'prescale', `${names[0] ?? ''}.json`)
      const state = readFileSync(stateFile)
      plan(to, set(50))
      await apply()
      if (rewind) writeFileSync(stateFile, state)
      for (const [name, record] of records) store.write(name, record)
      const applied = [...(await apply()), ...(await apply())]
      assert.deepEqual([steps(applied), held()], [[], ['web.shop.example./CNAME 2']])
      assert.doesNotMatch(readFileSync(stateFile, 'utf8'), /RecordSet::/)
    })
  }

  test('another service in another stack answers before the old one is deleted', async () => {
    plan(azureEast, profile(50))
    await apply()
    assert.deepEqual(held(), ['trafficmanagerprofiles/shop-web 1', 'web.shop.example./CNAME 2'])
    await apply()
    assert.deepEqual(held(), ['trafficmanagerprofiles/shop-web 1'])
  })

  test('a profile moves like a record set', async () => {
    plan(virginia, profile(50))
    const applied = [...(await apply()), ...(await apply())]
    assert.deepEqual([steps(applied), held()], [[], ['trafficmanagerprofiles/shop-web 1']])
  })
})
