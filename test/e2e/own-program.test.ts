import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { execFile } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, before, suite, test } from 'node:test'
import { promisify } from 'node:util'
import { plannedCapacity } from '../../src/pulumi/planned-capacity.ts'
import { Problem } from '../../src/domain/problem.ts'
import { engineFolder } from '../support/engine.ts'
import { anEngineProject, aRegionPool, aRegionState, type EngineProject } from './engine-project.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const virginia = { cloud: 'aws', region: 'us-east-1' } as const
const schedule = [
  { minuteOfDay: 510, min: 2, desired: 6, max: 12 },
  { minuteOfDay: 1200, min: 2, desired: 3, max: 12 },
]

suite('a Pulumi program of the user’s own', { concurrency: false }, () => {
  let project: EngineProject
  let program: string
  const plan = (desired: number): void => void project.target(aRegionState(virginia, [aRegionPool(virginia, { type: 'm7g.xlarge', min: 2, desired, max: 12, schedule })]))
  const up = async (): Promise<string> => {
    const env = { ...project.engine.env, PATH: [engineFolder(), dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter), PULUMI_BACKEND_URL: `file://${program}/state` }
    return (await promisify(execFile)('pulumi', ['up', '--yes', '--skip-preview', '--non-interactive', '--stack', 'production', '--config', `plan=${project.directory}`], { cwd: program, env })).stdout
  }
  const groups = (): unknown => {
    const state = JSON.parse(readFileSync(join(project.directory, '.prescale', 'sandbox', 'state.json'), 'utf8')) as { cloud: { groups: Record<string, { name: string; min: number; desired: number; max: number }> } }
    return Object.values(state.cloud.groups).map(({ name, min, desired, max }) => ({ name, min, desired, max }))
  }

  before(async () => {
    project = await anEngineProject()
    program = join(project.directory, 'own-program')
    cpSync(join(root, 'examples', 'own-program'), program, { recursive: true })
    mkdirSync(join(program, 'node_modules'))
    mkdirSync(join(program, 'state'))
    symlinkSync(join(root, 'node_modules', '@pulumi'), join(program, 'node_modules', '@pulumi'))
    symlinkSync(root, join(program, 'node_modules', 'prescale'))
    const yaml = join(program, 'Pulumi.yaml')
    writeFileSync(yaml, `${readFileSync(yaml, 'utf8')}plugins:\n  providers:\n    - { name: aws, path: ${join(root, 'src/sandbox/provider/bin')} }\n`)
    plan(5)
    const env = { ...project.engine.env, PATH: [engineFolder(), process.env['PATH'] ?? ''].join(delimiter), PULUMI_BACKEND_URL: `file://${program}/state` }
    await promisify(execFile)('pulumi', ['stack', 'init', 'production', '--non-interactive'], { cwd: program, env })
  })
  after(() => project.remove())

  test('it declares its group with the planned counts and changes of the day', async () => {
    await up()
    assert.deepEqual(groups(), [{ name: 'shop-web', min: 2, desired: 5, max: 12 }])
    await project.cloud.advance(86_400)
    assert.deepEqual(groups(), [{ name: 'shop-web', min: 2, desired: 6, max: 12 }])
  })

  test('a new plan changes the group and nothing else', async () => {
    plan(7)
    assert.match(await up(), /~ 1 updated/)
    assert.deepEqual(groups(), [{ name: 'shop-web', min: 2, desired: 7, max: 12 }])
  })

  test('a pool that is not planned, an edited file and a missing one are errors, not counts', () => {
    const code = (pool: string, directory: string): string => {
      try {
        plannedCapacity(pool, { directory })
        return 'none'
      } catch (error) {
        return error instanceof Problem ? error.code : String(error)
      }
    }
    const pool = 'aws/us-east-1/web/m7g.xlarge/on-demand'
    const file = join(project.directory, 'stacks', 'aws-us-east-1.yaml')
    assert.deepEqual([code(pool, project.directory), code('aws/us-east-1/feed/m7g.xlarge/spot', project.directory), code('web', project.directory), code('aws/eu-west-1/web/m7g.xlarge/spot', project.directory)], ['none', 'pool-unknown', 'pool-unknown', 'file-missing'])
    writeFileSync(file, readFileSync(file, 'utf8').replace('desired: 7', 'desired: 8'))
    assert.equal(code(pool, project.directory), 'plan-edited')
  })
})
