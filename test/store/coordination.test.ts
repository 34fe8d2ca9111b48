import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import pg from 'pg'
import { setTimeout as wait } from 'node:timers/promises'
import type { Claim, Coordination, Lease } from '../../src/domain/coordination.ts'
import { localProcesses } from '../../src/reconcile/stack-lock.ts'
import { PostgresCoordination } from '../../src/store/postgres/postgres-coordination.ts'
import { aFileCoordination } from '../support/file-coordination.ts'
import { aPostgres, type Postgres } from '../support/postgres.ts'

const startedSeconds = Math.floor(Date.now() / 1000 - process.uptime())
const claim = (purpose: string): Claim => ({ pid: process.pid, host: localProcesses.host, purpose, sinceSeconds: startedSeconds })

/** Asks until the stack is given: the test ends by its time limit if it never is. */
async function takenAtLast({ leases }: Coordination, stack: string): Promise<Lease> {
  for (;;) {
    const answer = await leases.take(stack, claim('patient'), undefined)
    if (answer.kind === 'taken') return answer.lease
    await wait(5)
  }
}

/** What any coordination must do, whatever it is kept in. */
function contract(name: string, open: () => Promise<Coordination>): void {
  suite(`coordination kept in ${name}`, () => {
    let shared: Coordination
    let other: Coordination
    before(async () => {
      shared = await open()
      other = await open()
    })

    test('records are seen by every copy, and changes at once lose nothing', async () => {
      assert.equal(await shared.read('nothing'), undefined)
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? shared : other).change<number[]>('numbers', (before = []) => [...before, i])),
      )
      assert.deepEqual((await other.read<number[]>('numbers'))?.toSorted((a, b) => a - b), Array.from({ length: 20 }, (_, i) => i))
    })

    test('a change that fails leaves the record as it was, and the next one goes on', async () => {
      await shared.change('careful', () => 1)
      await assert.rejects(shared.change('careful', () => { throw new Error('no') }), /no/)
      assert.equal(await other.change<number>('careful', (was = 0) => was + 1), 2)
    })

    test('a record that is changed to nothing is gone, and the records of a folder are found by their names', async () => {
      for (const name of ['fruit/pear', 'fruit/apple.1', 'fruits/fig', 'bread']) await shared.change(name, () => name.length)
      await other.change<number | undefined>('fruit/pear', () => undefined)
      assert.equal(await shared.read('fruit/pear'), undefined)
      await shared.change('fruit/date', () => 1)
      assert.deepEqual([...await other.readAll<number>('fruit')], [['apple.1', 13], ['date', 1]])
      assert.deepEqual([...await other.readAll('meat')], [])
    })

    test('whoever lost a stack, or let it go, changes no record of it any more', async () => {
      const answer = await shared.leases.take('fenced', claim('first'), undefined)
      assert.ok(answer.kind === 'taken')
      assert.equal(await shared.changeHeld<string>(answer.lease, 'kept/fenced', () => 'first'), 'held')
      await answer.lease.release()
      assert.equal(await shared.changeHeld<string>(answer.lease, 'kept/fenced', () => 'late'), 'lost')
      const next = await other.leases.take('fenced', claim('second'), undefined)
      assert.ok(next.kind === 'taken')
      assert.equal(await other.changeHeld<string>(next.lease, 'kept/fenced', (before) => `${before}, second`), 'held')
      assert.equal(await shared.changeHeld<string | undefined>(answer.lease, 'kept/fenced', () => undefined), 'lost')
      assert.equal(await shared.read('kept/fenced'), 'first, second')
      await next.lease.release()
    })

    test('a log gives its latest entries, oldest first', async () => {
      for (const entry of [1, 2, 3]) await shared.append('steps', { entry })
      assert.deepEqual(await other.entries('steps', 2), [{ entry: 2 }, { entry: 3 }])
      assert.deepEqual(await other.entries('unknown', 2), [])
    })

    test('of many at once one takes a stack, with a token above all before', async () => {
      let last = 0
      for (let round = 0; round < 5; round += 1) {
        const answers = await Promise.all(Array.from({ length: 6 }, (_, i) => (i % 2 === 0 ? shared : other).leases.take('raced', claim(`racer ${i}`), undefined)))
        const taken = answers.flatMap((answer) => (answer.kind === 'taken' ? [answer.lease] : []))
        assert.equal(taken.length, 1)
        const [lease] = taken
        assert.ok(lease !== undefined && lease.token > last)
        last = lease.token
        assert.equal(await lease.renew(), 'held')
        await lease.release()
        assert.equal(await lease.renew(), 'lost')
      }
    })

    test('those who wait come in order, and are seen while they wait', async () => {
      const held = await shared.leases.take('queued', claim('first'), undefined)
      assert.ok(held.kind === 'taken')
      const second = await other.leases.join('queued', claim('second'))
      const third = await shared.leases.join('queued', claim('third'))
      const queue = (await other.leases.queues()).find(({ stack }) => stack === 'queued')
      assert.deepEqual([queue?.holder?.purpose, queue?.waiting.map(({ purpose }) => purpose)], ['first', ['second', 'third']])
      await held.lease.release()
      const early = await shared.leases.take('queued', claim('third'), third)
      assert.deepEqual(early.kind === 'held' && early.holder.purpose, 'second')
      const pusher = await shared.leases.take('queued', claim('fourth'), undefined)
      assert.deepEqual(pusher.kind === 'held' && pusher.ahead.map(({ purpose }) => purpose), ['third'])
      const next = await other.leases.take('queued', claim('second'), second)
      assert.ok(next.kind === 'taken')
      await second.leave()
      await next.lease.release()
      assert.equal((await shared.leases.take('queued', claim('third'), third)).kind, 'taken')
      await third.leave()
    })
  })
}

/** What the first version that could share made in a database. */
const earliestTables = `
create table prescale_leases (
  project text not null, stack text not null, token bigint not null,
  pid int not null, host text not null, purpose text not null, since timestamptz not null,
  heartbeat timestamptz not null, released boolean not null,
  primary key (project, stack)
);
create table prescale_waiting (
  number bigserial primary key, project text not null, stack text not null,
  pid int not null, host text not null, purpose text not null, since timestamptz not null,
  heartbeat timestamptz not null
);
create table prescale_records (project text not null, name text not null, value jsonb not null, primary key (project, name));
`

/** A number that no process has. */
const deadPid = 2 ** 30
let directory = ''
contract('files', () => {
  directory ||= mkdtempSync(join(tmpdir(), 'prescale-coordination-'))
  return Promise.resolve(aFileCoordination(directory))
})
after(() => rmSync(directory, { recursive: true, force: true }))

suite('coordination in a database', () => {
  let postgres: Postgres
  const opened: PostgresCoordination[] = []
  const open = async (heartbeatSeconds?: number, project = 'shop'): Promise<PostgresCoordination> => {
    const coordination = await PostgresCoordination.open(postgres.url, project, ({ pid }) => pid === deadPid, heartbeatSeconds)
    opened.push(coordination)
    return coordination
  }
  before(async () => {
    postgres = await aPostgres()
  })
  after(async () => {
    await Promise.all(opened.map((coordination) => coordination.close()))
    await postgres.stop()
  })

  contract('Postgres', () => open())

  test('a holder whose heartbeat stopped loses the stack, and learns it', async () => {
    const [slow, quick] = [await open(0.02), await open(0.02)]
    const held = await slow.leases.take('beaten', claim('slow'), undefined)
    assert.ok(held.kind === 'taken')
    assert.equal((await quick.leases.take('beaten', claim('quick'), undefined)).kind, 'held')
    const next = await takenAtLast(quick, 'beaten')
    assert.equal(next.token, held.lease.token + 1)
    assert.equal(await held.lease.renew(), 'lost')
    await held.lease.release()
    assert.equal(await next.renew(), 'held')
  })

  test('who stopped its heartbeat while waiting stands in nobody’s way', async () => {
    const quick = await open(0.02)
    await quick.leases.join('deserted', claim('gone'))
    assert.equal((await quick.leases.take('deserted', claim('quick'), undefined)).kind, 'held')
    await takenAtLast(quick, 'deserted')
  })

  test('a holder that is proven dead gives way at once, and one who waits stands in nobody’s way', async () => {
    const shared = await open()
    const dead = { ...claim('dead'), pid: deadPid }
    const held = await shared.leases.take('orphaned', dead, undefined)
    assert.ok(held.kind === 'taken')
    await shared.leases.join('orphaned', dead)
    const next = await shared.leases.take('orphaned', claim('next'), undefined)
    assert.ok(next.kind === 'taken' && next.lease.token > held.lease.token)
    assert.equal(await held.lease.renew(), 'lost')
    assert.deepEqual((await shared.leases.queues()).find(({ stack }) => stack === 'orphaned')?.waiting, [])
  })

  test('a holder that was taken for dead changes no record of the stack any more, and one that is changing it is waited for', async () => {
    const [slow, quick] = [await open(0.02), await open(0.02)]
    const held = await slow.leases.take('paused', claim('slow'), undefined)
    assert.ok(held.kind === 'taken')
    const next = await takenAtLast(quick, 'paused')
    assert.equal(await quick.changeHeld(next, 'kept/paused', () => 'quick'), 'held')
    assert.equal(await slow.changeHeld(held.lease, 'kept/paused', () => 'slow'), 'lost')
    assert.equal(await quick.read('kept/paused'), 'quick')
  })

  test('projects in one database do not see each other', async () => {
    const [one, two] = [await open(undefined, 'one'), await open(undefined, 'two')]
    assert.equal((await one.leases.take('aws', claim('one'), undefined)).kind, 'taken')
    assert.equal((await two.leases.take('aws', claim('two'), undefined)).kind, 'taken')
    await one.change('halts', () => ['all'])
    assert.equal(await two.read('halts'), undefined)
    await two.change('kept/a', () => 1)
    await two.append('steps', 1)
    await one.forget()
    assert.equal(await one.read('halts'), undefined)
    assert.deepEqual([await two.read('kept/a'), await two.entries('steps', 1)], [1, [1]])
    await two.forget()
    assert.deepEqual([[...await two.readAll('kept')], await two.entries('steps', 1)], [[], []])
  })

  test('a database that an earlier version made is used as it is, with what is in it', async () => {
    await using older = await aPostgres()
    const client = new pg.Client(older.url)
    await client.connect()
    await client.query(earliestTables)
    await client.query("insert into prescale_records values ('shop', 'halts', '[\"all\"]')")
    await client.query("insert into prescale_leases values ('shop', 'aws', 7, 1, 'there', 'prescale apply', now(), now(), true)")
    await client.end()
    const coordination = await PostgresCoordination.open(older.url, 'shop', () => false)
    assert.deepEqual(await coordination.read('halts'), ['all'])
    const answer = await coordination.leases.take('aws', claim('newer'), undefined)
    assert.ok(answer.kind === 'taken' && answer.lease.token === 8)
    assert.equal(await coordination.changeHeld(answer.lease, 'applied/shop.aws', () => 'newer'), 'held')
    assert.deepEqual([...await coordination.readAll('applied')], [['shop.aws', 'newer']])
    await coordination.append('audit', 'newer')
    await coordination.close()
  })

  test('a role that may not make tables works with those that are there', async () => {
    await using owned = await aPostgres()
    await (await PostgresCoordination.open(owned.url, 'shop', () => false)).close()
    const client = new pg.Client(owned.url)
    await client.connect()
    await client.query('create role worker')
    await client.query('grant select, insert, update, delete on all tables in schema public to worker')
    await client.query('grant usage on all sequences in schema public to worker')
    // the database has one session, whoever connects
    await client.query('set role worker')
    await client.end()
    const coordination = await PostgresCoordination.open(owned.url, 'shop', () => false)
    await coordination.append('audit', 'entry')
    assert.deepEqual(await coordination.entries('audit', 1), ['entry'])
    await coordination.close()
  })

  test('a database that goes away is a problem that says so, and what a statement does wrong is not', async () => {
    const postgres = await aPostgres()
    const coordination = await PostgresCoordination.open(postgres.url, 'shop', () => false)
    const answer = await coordination.leases.take('aws', claim('first'), undefined)
    assert.ok(answer.kind === 'taken')
    await assert.rejects(coordination.append('audit', '\u0000'), { name: 'error', code: '22P05' })
    await postgres.stop()
    const lost = { name: 'Problem', code: 'coordination-lost', message: /does not answer: .*ECONNREFUSED|does not answer: .*terminated/ }
    await assert.rejects(coordination.read('halts'), lost)
    await assert.rejects(coordination.change('halts', () => []), lost)
    await assert.rejects(coordination.changeHeld(answer.lease, 'applied/shop.aws', () => 1), lost)
    await assert.rejects(answer.lease.renew(), lost)
    await coordination.close()
  })

  test('a connection that breaks in the middle of a change is told as the loss of the database', async () => {
    const postgres = await aPostgres()
    const coordination = await PostgresCoordination.open(postgres.url, 'shop', () => false)
    const broken = coordination.change('halts', () => {
      void postgres.stop()
      return ['all']
    })
    await assert.rejects(broken, { name: 'Problem', code: 'coordination-lost' })
    await coordination.close()
  })
})
