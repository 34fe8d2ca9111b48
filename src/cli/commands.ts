import type { ArgumentSpec, CommandSpec, OptionSpec } from './command-spec.ts'

const detailedExitCode: OptionSpec = { long: 'detailed-exitcode', summary: 'end with 2 when there are changes, 0 when there are none' }
const stackArgument: ArgumentSpec = { name: 'stack', summary: 'only this stack, such as aws-us-east-1', required: 'optional', completes: 'stack' }
const approve: OptionSpec = { long: 'approve', value: 'plan', repeats: 'repeats', summary: 'id of a plan that was reviewed, as its stacks/ files name it; needed where approval is always' }

const reason: OptionSpec = { long: 'reason', value: 'text', summary: 'why, for the audit' }
const applying: readonly OptionSpec[] = [
  approve,
  { long: 'override', value: 'guard', repeats: 'repeats', summary: 'pass over this guard once; needs --reason' },
  reason,
  { long: 'wait', value: 'duration', summary: 'stand in the queue this long for stacks that another run holds' },
  { long: 'repair', summary: 'undo what others raised, too' },
]

/** Options that every command takes. */
export const globalOptions: readonly OptionSpec[] = [
  { long: 'json', summary: 'print one JSON document on stdout' },
  { long: 'project', value: 'directory', summary: 'folder of prescale.yaml; found upwards from here if left out', completes: 'directory' },
  { long: 'config', value: 'file', summary: 'settings file instead of prescale.yaml', completes: 'file' },
  { long: 'help', short: 'h', summary: 'print help' },
]

/** Every verb of the command line: parser, help and completion are made from this table. */
export const commandTable: readonly CommandSpec[] = [
  { name: 'init', summary: 'lay out a project in a folder', arguments: [{ name: 'directory', summary: 'where; this folder if left out', required: 'optional', completes: 'directory' }], options: [], example: 'prescale init infrastructure/' },
  { name: 'doctor', summary: 'check engine, plugins, backend, history, credentials and clock, and say how to mend each', arguments: [], options: [], example: 'prescale doctor' },
  {
    name: 'history',
    summary: 'read measured demand and report its quality',
    arguments: [{ name: 'series', summary: 'only this series, such as web/us-east', required: 'optional', completes: 'series' }],
    options: [{ long: 'out', value: 'file', summary: 'write the demand as CSV', completes: 'file' }],
    example: 'prescale history --out demand.csv',
  },
  {
    name: 'forecast',
    summary: 'forecast demand and write forecasts/',
    arguments: [],
    options: [
      detailedExitCode,
      { long: 'table', value: 'file', summary: 'for thousands of series: into one table instead, CSV series,origin,timestamp,quantile,value, .gz or not; goes on where it was stopped', completes: 'file' },
    ],
    example: 'prescale forecast',
  },
  {
    name: 'evaluate',
    summary: 'forecast any table of demand from many instants of its past, and score what came of it; needs no project',
    arguments: [],
    options: [
      { long: 'data', value: 'file', required: 'required', summary: 'demand as CSV: series,timestamp,value; .gz or not', completes: 'file' },
      { long: 'out', value: 'file', required: 'required', summary: 'where the forecasts go, as CSV: series,origin,timestamp,quantile,value; .gz or not', completes: 'file' },
      { long: 'step', value: 'duration', summary: 'step of the forecasts: 1h if left out, or 5m' },
      { long: 'horizon', value: 'duration', summary: 'how far each forecast goes; 48h if left out' },
      { long: 'every', value: 'duration', summary: 'from one origin to the next; 24h if left out' },
      { long: 'score-last', value: 'share', summary: 'share of each series, at its end, that is forecast; 20% if left out' },
      { long: 'min-history', value: 'duration', summary: 'least history of an origin; 14d if left out' },
      { long: 'quantiles', value: 'list', summary: 'with commas between them; 0.1,0.5,0.9,0.95,0.99 if left out' },
      { long: 'test', value: 'file', summary: 'what came after the end of the data, to score against; then the end is the one origin', completes: 'file' },
      { long: 'origins', value: 'file', summary: 'the forecasts wanted, as CSV: series,origin; an origin is the last instant seen', completes: 'file' },
    ],
    example: 'prescale evaluate --data demand.csv.gz --out forecasts.csv',
  },
  {
    name: 'models',
    summary: 'trained models: which are kept, which is in force, why; pin one, or go back to the one before',
    arguments: [
      { name: 'action', summary: 'list, show, pin, unpin, rollback, or verify: make the last forecasts again, to the bit; list if left out', required: 'optional', choices: ['list', 'show', 'pin', 'unpin', 'rollback', 'verify'] },
      { name: 'version', summary: 'such as v3; rollback: the one to go back from, all lines if left out', required: 'optional' },
    ],
    options: [],
    example: 'prescale models rollback v3',
  },
  {
    name: 'plan',
    summary: 'plan the cheapest fleet for the forecasts and write stacks/',
    arguments: [],
    options: [
      { ...detailedExitCode, summary: 'end with 2 when there are changes, 0 when there are none, 8 or 9 when demand is short' },
      { long: 'what-if', value: 'change', repeats: 'repeats', summary: 'compare, and write nothing: "lose aws/us-east-1", "spot price +50%", "demand web x2", "quota x0.5", "budget 50"' },
      { long: 'frontier', summary: 'what a shorter way to the users, more headroom or less spot would cost; writes nothing' },
      { long: 'ablation', summary: 'what spot, the mix of types, moving between regions and surviving failures are worth; writes nothing' },
      { long: 'problem', value: 'file', summary: 'plan the problem of this file, prescale.instance/1, .gz or not; needs no project', completes: 'file' },
      { long: 'out', value: 'file', summary: 'with --problem: where the plan goes, as prescale.plan/1', completes: 'file' },
      { long: 'save-problem', value: 'file', summary: 'write the problem of the plan as prescale.instance/1', completes: 'file' },
    ],
    example: 'prescale plan --what-if "demand web x2" --what-if "lose aws/us-east-1"',
  },
  {
    name: 'preview',
    summary: 'show what the engine would change',
    arguments: [stackArgument],
    options: [detailedExitCode, { long: 'markdown', summary: 'as a comment for a pull request: totals, a table, details folded' }],
    example: 'prescale preview --markdown > comment.md',
  },
  {
    name: 'apply',
    summary: 'make the stacks match stacks/',
    arguments: [stackArgument],
    options: [...applying, detailedExitCode],
    example: 'prescale apply --approve 3f2a9c0d1e4b5a67',
  },
  {
    name: 'reconcile',
    summary: 'one whole cycle: history, forecast, plan, apply, observe',
    arguments: [],
    options: [
      ...applying,
      { long: 'schedule', value: 'cron', summary: 'stay, and run a cycle at each of these times; with --json one document per line' },
      { long: 'time-zone', value: 'name', summary: 'of the schedule, such as Europe/Berlin; UTC if left out' },
      detailedExitCode,
    ],
    example: 'prescale reconcile --schedule "*/15 * * * *" --time-zone Europe/Berlin',
  },
  {
    name: 'approve',
    summary: 'approve a plan, for whichever run applies it',
    arguments: [{ name: 'plan', summary: 'its id, as the stacks/ files name it', required: 'required' }],
    options: [{ long: 'for', value: 'duration', summary: 'how long the approval counts; as long as the plan may be applied if left out' }, reason],
    example: 'prescale approve 3f2a9c0d1e4b5a67 --for 2h',
  },
  {
    name: 'halt',
    summary: 'change nothing any more, until resumed; the clouds go on with the schedules they have',
    arguments: [{ name: 'scope', summary: 'all, a cloud, cloud/region, or workload/<name>; all if left out', required: 'optional' }],
    options: [{ ...reason, required: 'required' }, { long: 'for', value: 'duration', summary: 'how long; until resumed if left out' }],
    example: 'prescale halt aws/us-east-1 --reason "network work" --for 2h',
  },
  {
    name: 'resume',
    summary: 'take a halt back',
    arguments: [{ name: 'scope', summary: 'as it was halted; all if left out', required: 'optional' }],
    options: [reason],
    example: 'prescale resume aws/us-east-1',
  },
  {
    name: 'repair',
    summary: 'mend the engine’s state after a run that died; changes no group',
    arguments: [stackArgument],
    options: [{ long: 'wait', value: 'duration', summary: 'stand in the queue this long for stacks that another run holds' }],
    example: 'prescale repair aws-us-east-1',
  },
  {
    name: 'audit',
    summary: 'who did or decided what, and what the guards said',
    arguments: [],
    options: [{ long: 'last', value: 'count', summary: 'entries; 20 if left out' }],
    example: 'prescale audit --last 50',
  },
  { name: 'status', summary: 'what is planned, what is live, what happened last', arguments: [], options: [], example: 'prescale status' },
  { name: 'explain', summary: 'why a pool has its count, or what drives a forecast', arguments: [{ name: 'pool', summary: 'such as aws/us-east-1/web/m7g.large/spot or a part of it, or a forecast such as web/us-east', required: 'required', completes: 'explained' }], options: [], example: 'prescale explain aws/us-east-1/web' },
  {
    name: 'destroy',
    summary: 'delete the groups of a stack, or of all',
    arguments: [stackArgument],
    options: [{ long: 'yes', value: 'name', summary: 'the project’s name, typed to confirm' }],
    example: 'prescale destroy aws-us-east-1 --yes sandbox',
  },
  {
    name: 'adopt',
    summary: 'take an existing group over into its stack, as it is: nothing is replaced or deleted',
    arguments: [
      { name: 'group', summary: 'such as aws/us-east-1/web-servers', required: 'required' },
      { name: 'pool', summary: 'the pool that it becomes, such as web/m7g.large/on-demand', required: 'required' },
    ],
    options: [{ long: 'preview', summary: 'show what the engine would do, and do nothing' }],
    example: 'prescale adopt aws/us-east-1/web-servers web/m7g.large/on-demand',
  },
  {
    name: 'export',
    summary: 'write the planned counts for other tools',
    arguments: [{ name: 'format', summary: 'terraform', required: 'required', choices: ['terraform'] }],
    options: [{ long: 'out', value: 'directory', summary: 'where; terraform/ if left out', completes: 'directory' }],
    example: 'prescale export terraform --out infrastructure/capacity',
  },
  { name: 'env', summary: 'print the shell settings with which `pulumi` finds this project’s engine, backend and providers', arguments: [], options: [], example: 'eval "$(prescale env)"' },
  { name: 'completion', summary: 'print the completion script of a shell', arguments: [{ name: 'shell', summary: 'bash, zsh or fish', required: 'required', choices: ['bash', 'zsh', 'fish'] }], options: [], example: 'prescale completion bash > /etc/bash_completion.d/prescale' },
  {
    name: 'sandbox',
    summary: 'look at the simulated clouds, move their clock, play an outside hand',
    arguments: [
      { name: 'action', summary: 'status, advance, set or reset', required: 'required', choices: ['status', 'advance', 'set', 'reset'] },
      { name: 'target', summary: 'advance: a duration; set: a pool', required: 'optional', completes: 'pool' },
      { name: 'count', summary: 'set: nodes wanted', required: 'optional' },
    ],
    options: [],
    example: 'prescale sandbox advance 1h',
  },
  {
    name: 'demo',
    summary: 'the whole line on the simulated clouds, told step by step',
    arguments: [],
    options: [{ long: 'fast-forward', value: 'duration', summary: 'then let the clock run this long, a cycle every hour' }],
    example: 'prescale demo --fast-forward 24h',
  },
]
