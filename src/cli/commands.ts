import type { ArgumentSpec, CommandSpec, OptionSpec } from './command-spec.ts'

const detailedExitCode: OptionSpec = { long: 'detailed-exitcode', summary: 'end with 2 when there are changes, 0 when there are none' }
const stackArgument: ArgumentSpec = { name: 'stack', summary: 'only this stack, such as aws-us-east-1', required: 'optional', completes: 'stack' }
const approve: OptionSpec = { long: 'approve', value: 'plan', summary: 'id of the plan that was reviewed; needed where approval is always' }

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
  { name: 'forecast', summary: 'forecast demand and write forecasts/', arguments: [], options: [detailedExitCode], example: 'prescale forecast' },
  { name: 'plan', summary: 'plan the cheapest fleet for the forecasts and write stacks/', arguments: [], options: [detailedExitCode], example: 'prescale plan --json' },
  { name: 'preview', summary: 'show what the engine would change', arguments: [stackArgument], options: [detailedExitCode], example: 'prescale preview aws-us-east-1' },
  {
    name: 'apply',
    summary: 'make the stacks match stacks/',
    arguments: [stackArgument],
    options: [approve, detailedExitCode],
    example: 'prescale apply --approve 3f2a9c0d1e4b5a67',
  },
  {
    name: 'reconcile',
    summary: 'one whole cycle: history, forecast, plan, apply, observe',
    arguments: [],
    options: [approve, detailedExitCode],
    example: 'prescale reconcile --detailed-exitcode',
  },
  { name: 'status', summary: 'what is planned, what is live, what happened last', arguments: [], options: [], example: 'prescale status' },
  { name: 'explain', summary: 'why a pool has its count', arguments: [{ name: 'pool', summary: 'such as aws/us-east-1/web/m7g.large/spot, or a part of it', required: 'required', completes: 'pool' }], options: [], example: 'prescale explain aws/us-east-1/web' },
  {
    name: 'destroy',
    summary: 'delete the groups of a stack, or of all',
    arguments: [stackArgument],
    options: [{ long: 'yes', value: 'name', summary: 'the project’s name, typed to confirm' }],
    example: 'prescale destroy aws-us-east-1 --yes sandbox',
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
