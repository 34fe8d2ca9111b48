import type { ReviewNotes } from '../../app/review.ts'
import type { StackPreview } from '../../app/steps/preview-step.ts'
import type { DesiredPool } from '../../domain/desired-state.ts'
import { rfc3339 } from '../../domain/grid.ts'
import { poolName } from '../../domain/pool.ts'
import { counted, usd } from './figures.ts'

/** What a reviewer is shown. */
export interface Review extends ReviewNotes {
  readonly previews: readonly StackPreview[]
}

/** GitHub cuts comments at 65,536 characters and refuses longer ones. */
const longest = 65_000
/** A table longer than this is folded. */
const mostRows = 20

/** @returns a comment for a pull request: totals first, then what changes pool by pool, details folded */
export function reviewMarkdown({ previews, findings, approval, stale }: Review): string {
  const pools = previews.flatMap(({ planned }) => planned.pools)
  const waits = [...new Set(previews.flatMap((preview) => preview.waits))]
  const changes = pools.filter((pool) => pool.desired !== pool.was)
  const sum = (pick: (pool: DesiredPool) => number): number => pools.reduce((total, pool) => total + pick(pool), 0)
  const changing = previews.filter(({ run }) => run !== undefined)
  const planIds = [...new Set(changing.map(({ desired }) => desired.planId))]
  const head = [
    `### Capacity plan: ${signed(sum((pool) => pool.desired) - sum((pool) => pool.was))} nodes, ${signedUsd(sum((pool) => (pool.desired - pool.was) * pool.usdPerNodeHour))} $/h`,
    '',
    '| | now | planned | change |',
    '|---|--:|--:|--:|',
    `| nodes | ${sum((pool) => pool.was)} | ${sum((pool) => pool.desired)} | ${signed(sum((pool) => pool.desired) - sum((pool) => pool.was))} |`,
    `| $/h | ${usd(sum((pool) => pool.was * pool.usdPerNodeHour))} | ${usd(sum((pool) => pool.desired * pool.usdPerNodeHour))} | ${signedUsd(sum((pool) => (pool.desired - pool.was) * pool.usdPerNodeHour))} |`,
    `| stacks | | ${changing.length === 0 ? 'none changes' : `${changing.length} of ${previews.length} change`} | |`,
    '',
    ...stale.map((sentence) => `> **would be refused**: ${cell(sentence)} (\`prescale plan\`)`),
    ...findings.map(({ effect, sentence }) => `> **${effect === 'refuse' ? 'would be refused' : 'would be held'}**: ${cell(sentence)}`),
    ...(approval === undefined ? [] : [`> **needs approval** (${cell(approval)}): ${planIds.map((planId) => `\`prescale approve ${planId}\``).join(', ')}`]),
    ...waits.map((sentence) => `> **not at once**: ${cell(sentence)}`),
    ...(waits.length + stale.length + findings.length > 0 || approval !== undefined ? [''] : []),
  ]
  const body = [
    ...(changes.length === 0 ? ['No count changes.', ''] : folded(changes.length > mostRows, `${counted(changes.length, 'pool')} change`, poolTable(changes))),
    ...changing.flatMap((preview) => details(preview)),
    `<sub>${planIds.length === 0 ? 'nothing to apply' : `plan ${planIds.map((planId) => `\`${planId}\``).join(', ')}, valid until ${rfc3339(Math.min(...changing.map(({ desired }) => desired.expiresSeconds)))}`}</sub>`,
    '',
  ]
  return shortened([...head, ...body])
}

function poolTable(pools: readonly DesiredPool[]): string[] {
  return [
    '| pool | now | planned | $/h | coming day | why |',
    '|---|--:|--:|--:|---|---|',
    ...pools.map((pool) =>
      [
        '',
        `\`${poolName(pool)}\``,
        pool.was,
        `**${pool.desired}** ${pool.desired > pool.was ? '▲' : '▼'}`,
        signedUsd((pool.desired - pool.was) * pool.usdPerNodeHour),
        dayText(pool),
        cell(pool.reason),
        '',
      ].join(' | ').trim(),
    ),
    '',
  ]
}

function dayText({ schedule, desired }: DesiredPool): string {
  const counts = schedule.length === 0 ? [desired] : schedule.map((change) => change.desired)
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  return least === most ? `${most}` : `${least} to ${most}`
}

/** What the engine would do to one stack, folded. */
function details({ run, desired }: StackPreview): string[] {
  if (run === undefined) return []
  const { created, updated, replaced, deleted } = run.changes
  const steps = run.steps.filter(({ type, operation }) => !type.startsWith('pulumi:') && !type.startsWith('prescale:') && operation !== 'same')
  const lines = steps.map(({ operation, name, type, diffs }) => {
    const changes = diffs.map(({ path, before, after }) => `    ${path}: ${value(before)} => ${value(after)}`)
    return [`${sign(operation)} ${operation} ${type.slice(type.lastIndexOf(':') + 1)} ${name}`, ...changes].join('\n')
  })
  const summary = run.outcome === 'succeeded' ? `+${created} ~${updated} ±${replaced} -${deleted}` : `**${run.outcome}**`
  return folded(true, `${desired.cloud}/${desired.region}: ${summary}`, [
    '```diff',
    ...run.failures.map(({ message }) => `! ${fenced(message)}`),
    ...lines.map(fenced),
    '```',
    '',
  ])
}

function sign(operation: string): string {
  if (operation.includes('create')) return '+'
  return operation.includes('delete') ? '-' : '!'
}

function value(one: unknown): string {
  return one === undefined ? '?' : JSON.stringify(one)
}

function folded(fold: boolean, summary: string, lines: readonly string[]): string[] {
  return fold ? ['<details>', `<summary>${html(summary)}</summary>`, '', ...lines, '</details>', ''] : [...lines]
}

/** In a table a line break ends the row and a bar the cell; names of the user's own may hold markup. */
function cell(text: string): string {
  return html(text).replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ').replace(/([\\`*_[\]])/g, (mark) => (mark === '\\' ? mark : `\\${mark}`))
}

function html(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function fenced(text: string): string {
  return text.replaceAll('```', "'''")
}

function signed(count: number): string {
  return count > 0 ? `+${count}` : String(count)
}

function signedUsd(amount: number): string {
  return amount > 0 ? `+${usd(amount)}` : usd(amount === 0 ? 0 : amount)
}

/** Whole details are left out from the end until the rest fits. */
function shortened(lines: readonly string[]): string {
  const text = lines.join('\n')
  if (text.length <= longest) return text
  const start = lines.lastIndexOf('<details>')
  const end = lines.lastIndexOf('</details>')
  if (start < 0 || end < start) return `${text.slice(0, longest)}\n…\n`
  const note = '_More details: `prescale preview`._'
  const rest = [...lines.slice(0, start), ...lines.slice(end + 1).filter((line) => line !== note)]
  return shortened([...rest.slice(0, -1), note, ''])
}
