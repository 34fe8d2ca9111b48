import { rfc3339 } from '../domain/grid.ts'
import { actorOf } from './coordination.ts'
import { type Project, projectNow } from './project.ts'

/** What may be read in the audit. */
export const auditKinds = ['halt', 'resume', 'approve', 'approval-used', 'guard', 'override', 'lease-lost', 'apply', 'repair', 'destroy', 'drift', 'adopt', 'hand-over'] as const
export type AuditKind = (typeof auditKinds)[number]

/** One line of the audit: who did or decided what, when, about what. */
export interface AuditEntry {
  /** RFC 3339, by the project's clock. */
  readonly at: string
  readonly kind: AuditKind
  readonly by: string
  /** Stack, pool, workload, plan or scope. */
  readonly subject: string
  /** A sentence for people. */
  readonly what: string
  /** Figures and texts, as the sentence has them. */
  readonly facts: Readonly<Record<string, unknown>>
}

const log = 'audit'

/** Writes down what was done or decided; never a secret. */
export async function audit(project: Project, kind: AuditKind, subject: string, what: string, facts: AuditEntry['facts'] = {}): Promise<void> {
  const entry: AuditEntry = { at: rfc3339(Math.floor(projectNow(project))), kind, by: actorOf(project.world), subject, what, facts }
  await (await project.coordination()).append(log, entry)
}

/** @returns the latest entries, oldest first */
export async function readAudit(project: Project, most: number): Promise<readonly AuditEntry[]> {
  return (await project.coordination()).entries<AuditEntry>(log, most)
}
