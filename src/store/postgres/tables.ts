/** Names of the tables. */
export const tableNames: readonly string[] = ['prescale_leases', 'prescale_waiting', 'prescale_records', 'prescale_log']

/**
 * Tables of what copies of prescale share, made where they are missing. Every time in them is the database's own: the clocks of the machines
 * that work with it do not matter.
 */
export const tables = `
create table if not exists prescale_leases (
  project text not null, stack text not null, token bigint not null,
  pid int not null, host text not null, purpose text not null, since timestamptz not null,
  heartbeat timestamptz not null, released boolean not null,
  primary key (project, stack)
);
create table if not exists prescale_waiting (
  number bigserial primary key, project text not null, stack text not null,
  pid int not null, host text not null, purpose text not null, since timestamptz not null,
  heartbeat timestamptz not null
);
create index if not exists prescale_waiting_stack on prescale_waiting (project, stack, number);
create table if not exists prescale_records (
  project text not null, name text not null, value jsonb not null,
  primary key (project, name)
);
create table if not exists prescale_log (
  number bigserial primary key, project text not null, log text not null,
  written timestamptz not null default clock_timestamp(), entry jsonb not null
);
create index if not exists prescale_log_latest on prescale_log (project, log, number);
`
