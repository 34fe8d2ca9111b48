import type { EngineRunKind, EngineSettings, StackEvent, StackRun, StackTarget } from './engine.ts'

/** What the supervisor tells its worker. */
export type ToWorker =
  | { readonly kind: 'run'; readonly run: EngineRunKind; readonly target: StackTarget; readonly engine: WorkerSettings }
  | { readonly kind: 'interrupt' }

export type WorkerSettings = Pick<EngineSettings, 'projectDirectory' | 'deletions' | 'policyPacks' | 'policyPackConfigs'>

/** What a worker tells its supervisor. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly event: StackEvent }
  | { readonly kind: 'finished'; readonly run: StackRun }
