/** Exit codes of the command line: they say which kind of ending it was. */
export const exitCodes = {
  done: 0,
  error: 1,
  changesPresent: 2,
  partlyDone: 3,
  refused: 4,
  lockHeld: 5,
  stalePlan: 6,
  badInput: 7,
  demandShort: 8,
  demandShortAfterFailure: 9,
  interrupted: 130,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** A fault of an input file: where it is and what is wrong. */
export interface InputFault {
  readonly file: string
  /** From 1; undefined where the file has no such place. */
  readonly line: number | undefined
  readonly column: number | undefined
  /** Path inside the document, for example `pools[1].minCount`; empty at its root. */
  readonly path: string
  /** What is wrong and what was expected: `is 9, above maxCount 4`. */
  readonly message: string
}

/** @returns `prescale.yaml:14:7 pools[1].minCount: is 9, above maxCount 4` */
export function faultLine(fault: InputFault): string {
  const place = [fault.file, fault.line, fault.column].filter((part) => part !== undefined).join(':')
  return `${place} ${fault.path === '' ? '' : `${fault.path}: `}${fault.message}`
}

interface Definition<Facts> {
  readonly exitCode: ExitCode
  readonly sentence: (facts: Facts) => string
  readonly next: (facts: Facts) => string
}

/** Keeps the type of the facts while the definitions stay in one table. */
function define<Facts>(exitCode: ExitCode, sentence: (facts: Facts) => string, next: (facts: Facts) => string): Definition<Facts> {
  return { exitCode, sentence, next }
}

/** Every code once: the facts it carries, its sentence, the next step, its exit code. */
export const problems = {
  'input-invalid': define(
    exitCodes.badInput,
    (facts: { what: string; faults: readonly InputFault[]; again?: string }) =>
      `${facts.what} has ${facts.faults.length} fault${facts.faults.length === 1 ? '' : 's'}\n${facts.faults.map((fault) => `  ${faultLine(fault)}`).join('\n')}`,
    ({ again }) => `mend the lines above; ${again === undefined ? '`prescale doctor` checks the file again' : `then ${again} again`}`,
  ),
  'option-unusable': define(
    exitCodes.badInput,
    (facts: { option: string; given: string; expected: string; command: string }) => `--${facts.option} is ${facts.given}, expected ${facts.expected}`,
    (facts) => `prescale ${facts.command} --help`,
  ),
  'file-missing': define(
    exitCodes.badInput,
    (facts: { what: string; file: string; make: string }) => `${facts.what} is missing: ${facts.file}`,
    (facts) => facts.make,
  ),
  'files-exist': define(
    exitCodes.badInput,
    (facts: { directory: string; files: readonly string[] }) =>
      `${facts.directory} already has ${facts.files.join(', ')}; nothing was written`,
    () => 'prescale init <another folder>, or move the files away',
  ),
  'history-unreadable': define(
    exitCodes.error,
    (facts: { source: string; reason: string }) => `demand could not be read from ${facts.source}: ${facts.reason}`,
    () => 'prescale doctor',
  ),
  'history-step-unusable': define(
    exitCodes.badInput,
    (facts: { stepSeconds: number }) => `a history step of ${facts.stepSeconds} s does not divide a UTC day, which history is read by`,
    () => 'set historyLimits.step in prescale.yaml to a divisor of 24 h, such as 1m, 5m, 15m or 1h',
  ),
  'history-short': define(
    exitCodes.badInput,
    (facts: { series: string; hours: number; needed: number }) => `${facts.series} was measured for ${Number(facts.hours.toFixed(1))} hours, a forecast needs ${facts.needed}`,
    () => 'widen history.window in prescale.yaml or wait for more samples',
  ),
  'network-backend': define(
    exitCodes.error,
    (facts: { backend: string; reason: string; how: string }) => `the network cannot run on ${facts.backend}: ${facts.reason}`,
    (facts) => `${facts.how}, or choose another backend`,
  ),
  'model-unknown': define(
    exitCodes.badInput,
    (facts: { version: string; what: string; known: readonly string[] }) => `${facts.version} has no model that is ${facts.what}${facts.known.length === 0 ? '' : `; there are ${facts.known.join(', ')}`}`,
    () => 'prescale models',
  ),
  'model-unusable': define(
    exitCodes.badInput,
    (facts: { version: string }) => `the weights of ${facts.version} are gone, were changed, or are of a version of prescale that read demand differently`,
    () => 'prescale models; name another version',
  ),
  'history-stale': define(
    exitCodes.refused,
    (facts: { series: string; ageSeconds: number; limitSeconds: number }) =>
      `demand of ${facts.series} was last measured ${Math.round(facts.ageSeconds / 60)} min ago (limit ${Math.round(facts.limitSeconds / 60)} min); counts are held`,
    (facts) => `prescale history ${facts.series}`,
  ),
  'plan-edited': define(
    exitCodes.stalePlan,
    (facts: { file: string }) => `${facts.file} was changed after it was planned; it is not applied`,
    () => 'prescale plan',
  ),
  'plan-expired': define(
    exitCodes.stalePlan,
    (facts: { planId: string; expired: string; now: string }) => `plan ${facts.planId} expired at ${facts.expired}; it is ${facts.now}`,
    () => 'prescale plan',
  ),
  'plan-superseded': define(
    exitCodes.stalePlan,
    (facts: { stack: string; planId: string; by: string }) => `plan ${facts.planId} of ${facts.stack} was superseded: plan ${facts.by}, which was made later, is applied there`,
    () => 'check out the newest stacks/, or prescale plan',
  ),
  'plan-base-moved': define(
    exitCodes.stalePlan,
    (facts: { pools: readonly { pool: string; was: number; live: number; desired: number }[] }) =>
      `the clouds moved since the plan was made\n${facts.pools.map(({ pool, was, live, desired }) => `  ${pool}: planned ${was} -> ${desired}, live is now ${live}`).join('\n')}`,
    () => 'prescale plan',
  ),
  'launch-incomplete': define(
    exitCodes.badInput,
    (facts: { stack: string; missing: readonly string[] }) => `nodes of ${facts.stack} cannot be launched, settings are missing: ${facts.missing.join(', ')}`,
    () => 'set them under regions[].launch in prescale.yaml and plan again',
  ),
  'stack-mismatch': define(
    exitCodes.badInput,
    (facts: { file: string; holds: string; stack: string }) => `${facts.file} holds the desired state of ${facts.holds}, not of stack ${facts.stack}`,
    () => 'prescale plan',
  ),
  'sandbox-unusable': define(
    exitCodes.error,
    (facts: { directory: string; reason: string }) => `the simulated clouds in ${facts.directory} cannot be used: ${facts.reason}`,
    () => 'prescale sandbox reset starts them anew',
  ),
  'sandbox-refused': define(
    exitCodes.badInput,
    (facts: { reason: string }) => `the simulated cloud refuses: ${facts.reason}`,
    () => 'prescale status shows what the clouds hold',
  ),
  'sandbox-scenario-changed': define(
    exitCodes.badInput,
    (facts: { directory: string; scenario: string }) => `the simulated clouds in ${facts.directory} were made from another version of ${facts.scenario}`,
    () => 'prescale sandbox reset starts them anew from the scenario as it is',
  ),
  'engine-missing': define(
    exitCodes.error,
    (_facts: Readonly<Record<string, never>>) => 'the Pulumi engine is not on PATH',
    () => 'npm start, which gets it, or install Pulumi; `prescale doctor` says more',
  ),
  'live-unreadable': define(
    exitCodes.error,
    (facts: { stacks: readonly { readonly stack: string; readonly reason: string }[] }) =>
      `what the clouds hold could not be read\n${facts.stacks.map(({ stack, reason }) => `  ${stack}: ${reason}`).join('\n')}`,
    () => 'prescale doctor',
  ),
  'history-held': define(
    exitCodes.refused,
    (facts: { reasons: readonly string[] }) => `demand cannot be relied on, so counts are held\n${facts.reasons.map((reason) => `  ${reason}`).join('\n')}`,
    () => 'prescale history; the clouds go on with the schedules they have',
  ),
  'forecast-outdated': define(
    exitCodes.stalePlan,
    (facts: { series: string; origin: string }) => `the forecast of ${facts.series} (from ${facts.origin}) was not made from the newest demand`,
    () => 'prescale forecast',
  ),
  'guard-refused': define(
    exitCodes.refused,
    (facts: { findings: readonly string[] }) => `${facts.findings.join('\n')}\nnothing was applied`,
    () => 'check the plan with prescale explain; what lets it pass stands behind each guard',
  ),
  'override-unusable': define(
    exitCodes.badInput,
    (facts: { given: string; expected: string }) => `${facts.given}: expected ${facts.expected}`,
    () => 'prescale apply --help',
  ),
  'lease-held': define(
    exitCodes.lockHeld,
    (facts: { stack: string; purpose: string; pid: number; host: string; since: string; waiting: number }) =>
      `${facts.stack} is held by ${facts.purpose} (process ${facts.pid} on ${facts.host}, since ${facts.since})${facts.waiting === 0 ? '' : `, and ${facts.waiting} wait for it`}`,
    () => 'run the command again with --wait 10m, or when that process has ended',
  ),
  'coordination-unreachable': define(
    exitCodes.error,
    (facts: { where: string; reason: string; next: string }) => `${facts.where}, which says who may change the stacks, cannot be used: ${facts.reason}; nothing was changed`,
    (facts) => facts.next,
  ),
  'coordination-lost': define(
    exitCodes.error,
    (facts: { reason: string }) => `the database that says who may change the stacks does not answer: ${facts.reason}; what was done stays done`,
    () => 'check that it runs; the next prescale reconcile goes on from what the clouds hold',
  ),
  'scope-unknown': define(
    exitCodes.badInput,
    (facts: { scope: string; known: readonly string[] }) => `there is no scope ${facts.scope}; there are ${facts.known.join(', ')}`,
    () => 'prescale halt <scope> --reason <why>',
  ),
  'not-halted': define(
    exitCodes.badInput,
    (facts: { scope: string; halted: readonly string[] }) => `${facts.scope} is not halted; ${facts.halted.length === 0 ? 'nothing is' : `halted: ${facts.halted.join(', ')}`}`,
    () => 'prescale status',
  ),
  'approval-needed': define(
    exitCodes.refused,
    (facts: { planIds: readonly string[]; because: string }) =>
      `plan ${facts.planIds.join(' and ')} ${facts.planIds.length === 1 ? 'needs' : 'need'} approval (${facts.because}); nothing was applied`,
    (facts) => `review stacks/, then ${facts.planIds.map((planId) => `prescale approve ${planId}`).join(' && ')}`,
  ),
  'plan-unknown': define(
    exitCodes.badInput,
    (facts: { planId: string; known: readonly string[] }) => `no file of stacks/ was cut from plan ${facts.planId}; they name ${facts.known.join(', ')}`,
    () => 'review stacks/ as they are now, and approve what they name',
  ),
  'stack-unknown': define(
    exitCodes.badInput,
    (facts: { stack: string; known: readonly string[] }) => `there is no stack ${facts.stack}; known are ${facts.known.join(', ')}`,
    () => 'prescale status',
  ),
  'pool-unknown': define(
    exitCodes.badInput,
    (facts: { pool: string; known: readonly string[] }) => `no pool of the plan is called ${facts.pool}; there are ${facts.known.slice(0, 6).join(', ')}${facts.known.length > 6 ? ', …' : ''}`,
    () => 'prescale status',
  ),
  'adopt-refused': define(
    exitCodes.refused,
    (facts: { group: string; reasons: readonly string[] }) => `${facts.group} is not taken over, and nothing was changed\n${facts.reasons.map((reason) => `  ${reason}`).join('\n')}`,
    () => 'prescale adopt --preview shows what the engine would do; a group is taken over only as it is',
  ),
  'plan-missing': define(
    exitCodes.badInput,
    (_facts: Readonly<Record<string, never>>) => 'there is no plan yet',
    () => 'prescale plan',
  ),
  'what-if-unknown': define(
    exitCodes.badInput,
    (facts: { text: string; forms: readonly string[]; regions: readonly string[]; workloads: readonly string[] }) =>
      `"${facts.text}" is no what-if; regions are ${facts.regions.join(', ')}, workloads ${facts.workloads.join(', ')}`,
    (facts) => `write it like ${facts.forms.map((form) => `"${form}"`).join(', ')}`,
  ),
  'plan-problem-missing': define(
    exitCodes.badInput,
    (_facts: Readonly<Record<string, never>>) => 'the problem of the plan in force was not kept here: it was made on another machine, or by an earlier version',
    () => 'prescale plan --save-problem once demand, prices or settings have changed',
  ),
  'confirmation-needed': define(
    exitCodes.refused,
    (facts: { name: string; stacks: readonly string[] }) => `destroying ${facts.stacks.join(', ')} deletes every node in ${facts.stacks.length === 1 ? 'it' : 'them'}`,
    (facts) => `prescale destroy --yes ${facts.name}`,
  ),
} satisfies Record<string, Definition<never>>

export type ProblemCode = keyof typeof problems
export type ProblemFacts<Code extends ProblemCode> = Parameters<(typeof problems)[Code]['sentence']>[0]

/** A broken world or input, told once: what happened, against which limit, what to do. */
export class Problem<Code extends ProblemCode = ProblemCode> extends Error {
  override readonly name = 'Problem'
  readonly code: Code
  readonly facts: ProblemFacts<Code>

  constructor(code: Code, facts: ProblemFacts<Code>, options?: ErrorOptions) {
    super(definitionOf(code).sentence(facts), options)
    this.code = code
    this.facts = facts
  }

  get exitCode(): ExitCode {
    return problems[this.code].exitCode
  }

  /** The command or act that comes next. */
  get next(): string {
    return definitionOf(this.code).next(this.facts)
  }
}

/** TypeScript cannot see that a code and its facts belong together across the union; the constructor's signature does. */
function definitionOf<Code extends ProblemCode>(code: Code): Definition<ProblemFacts<Code>> {
  return problems[code] as unknown as Definition<ProblemFacts<Code>>
}
