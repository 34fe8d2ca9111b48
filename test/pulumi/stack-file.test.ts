import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { writeDesiredState } from '../../src/documents/desired-state-file.ts'
import { Problem, type ProblemCode } from '../../src/domain/problem.ts'
import { desiredStateOfStack } from '../../src/pulumi/stack-file.ts'
import { aDesiredPool, aDesiredState } from '../support/a-desired-state.ts'

let directory = ''
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'prescale-stack-file-'))
  mkdirSync(join(directory, 'stacks'))
})
after(() => rmSync(directory, { recursive: true }))

const state = aDesiredState([aDesiredPool()])
const write = (name: string, text = writeDesiredState(state)): void => writeFileSync(join(directory, 'stacks', name), text)
const problemOf = (stack: string): ProblemCode | undefined => {
  try {
    desiredStateOfStack(stack, directory)
    return undefined
  } catch (error) {
    assert.ok(error instanceof Problem)
    return error.code
  }
}

test('a stack reads the file that its name says after the first dot', () => {
  write('aws-us-east-1.yaml')
  assert.deepEqual(desiredStateOfStack('sandbox.aws-us-east-1', directory), state)
  assert.deepEqual(desiredStateOfStack('other-name.aws-us-east-1', directory), state)
})

test('a stack without a file is told which file is missing', () => {
  assert.equal(problemOf('sandbox.gcp-us-central1'), 'file-missing')
})

test('a file that holds another stack is refused', () => {
  write('aws-eu-west-1.yaml')
  assert.equal(problemOf('sandbox.aws-eu-west-1'), 'stack-mismatch')
})

test('a file that was edited by hand is refused', () => {
  write('aws-us-east-1.yaml', writeDesiredState(state).replace('desired: 3', 'desired: 4'))
  assert.equal(problemOf('sandbox.aws-us-east-1'), 'plan-edited')
})
