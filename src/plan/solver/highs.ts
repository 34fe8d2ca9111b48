import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import highsPackage from 'highs'
import type { Highs, Model } from 'highs'
import { compiledFile, instantiationOf, readCompiled, setSolverFlags } from './compiled-solver.ts'
import type { Instantiation, SolverModule } from './compiled-solver.ts'
import type { Basis, LinearModel, LinearOutcome, LinearSolver, NewColumns, NewRows, Scaling, SimplexMethod, WholeEffort } from './linear-solver.ts'

/** The package's types describe its CommonJS form; what an ES module imports by default is the loader itself. */
const load = highsPackage as unknown as (how: Partial<Instantiation>) => Promise<Highs>

/** HiGHS's own codes of a model's status. */
const optimal = 7
const infeasible = 8
const unboundedOrInfeasible = 9

/** HiGHS's own code of a solution that keeps all rows and bounds. */
const feasible = 2

/** HiGHS's own codes of how a model is scaled. */
const scaleStrategy: Readonly<Record<Scaling, number>> = { solver: 1, none: 0 }

/**
 * HiGHS's own codes of its simplex methods, and of the weights that the dual one chooses rows by: steepest edge where it is left to choose, which takes a solve
 * per row at a vertex that is new to it, or Devex for the few steps that are left beside a primal start.
 */
const simplexOptions = {
  dual: { simplex_strategy: 1, simplex_dual_edge_weight_strategy: -1 },
  primal: { simplex_strategy: 0, simplex_dual_edge_weight_strategy: 1 },
} as const satisfies Readonly<Record<SimplexMethod, object>>

/** Seed of the solver's perturbations: the same problem gives the same plan. */
const randomSeed = 1

function statusName(highs: Highs, model: Model): string {
  const code = model.getModelStatus()
  const entry = Object.entries(highs.constants.modelStatus).find(([, value]) => value === code)
  return entry === undefined ? `status ${code}` : entry[0]
}

function wrap(highs: Highs, model: Model): LinearModel {
  model.options.set({ output_flag: false, random_seed: randomSeed })
  return {
    addRows(rows: NewRows): void {
      const count = rows.lower.length
      if (count === 0) return
      const columns = model.getDimensions().numCols
      model.addRows({ lower: rows.lower, upper: rows.upper, matrix: { format: 'csr', numRows: count, numCols: columns, ...rows.entries } })
    },
    addColumns(columns: NewColumns): void {
      const count = columns.cost.length
      if (count === 0) return
      const rows = model.getDimensions().numRows
      model.addCols({
        cost: columns.cost, lower: columns.lower, upper: columns.upper,
        matrix: { format: 'csc', numRows: rows, numCols: count, ...columns.entries },
      })
    },
    changeCosts(columns: Int32Array, costs: Float64Array): void {
      if (columns.length > 0) model.changeColsCost({ kind: 'set', indices: columns }, costs)
    },
    changeRowBounds(rows: Int32Array, lower: Float64Array, upper: Float64Array): void {
      if (rows.length > 0) model.changeRowsBounds({ kind: 'set', indices: rows }, lower, upper)
    },
    changeColumnBounds(columns: Int32Array, lower: Float64Array, upper: Float64Array): void {
      if (columns.length > 0) model.changeColsBounds({ kind: 'set', indices: columns }, lower, upper)
    },
    basis() {
      const { colStatus, rowStatus } = model.getBasis()
      return { columns: Int32Array.from(colStatus), rows: Int32Array.from(rowStatus) }
    },
    startFrom({ columns, rows }: Basis): void {
      model.setBasis({ colStatus: columns, rowStatus: rows })
    },
    scaleBy(scaling: Scaling): void {
      model.options.set({ simplex_scale_strategy: scaleStrategy[scaling] })
    },
    iterateBy(method: SimplexMethod): void {
      model.options.set(simplexOptions[method])
    },
    solve(): LinearOutcome {
      model.run()
      const status = model.getModelStatus()
      if (status === infeasible || status === unboundedOrInfeasible) return { kind: 'infeasible' }
      if (status !== optimal) return { kind: 'stopped', reason: statusName(highs, model) }
      const solution = model.getSolution()
      return {
        kind: 'optimal',
        solution: {
          objective: model.getObjectiveValue(),
          values: solution.colValue, reducedCosts: solution.colDual, duals: solution.rowDual,
        },
      }
    },
    solveWhole(columns: Int32Array, { nodes, gap }: WholeEffort): Float64Array | undefined {
      model.changeColsIntegrality({ kind: 'set', indices: columns }, new Int32Array(columns.length).fill(highs.constants.variableType.integer))
      model.options.set({ mip_max_nodes: nodes, mip_rel_gap: gap, mip_allow_restart: false })
      model.run()
      return model.info.get('primal_solution_status') === feasible ? model.getSolution().colValue : undefined
    },
    dispose(): void {
      model.dispose()
    },
  }
}

/** @returns the code of the solver that was kept beside what Node keeps of this program, which no plan depends on, if there is any */
function compiled(): SolverModule | undefined {
  const nodes = getCompileCacheDir()
  const file = nodes === undefined ? undefined : compiledFile(dirname(nodes))
  return file === undefined ? undefined : readCompiled(file)
}

/**
 * HiGHS in WebAssembly, one thread; loading it takes about 40 ms.
 * @param module  undefined: what was kept, else as it comes
 * @see Huangfu and Hall, Parallelizing the dual revised simplex method, Mathematical Programming Computation 10 (2018)
 */
export async function loadSolver(module?: SolverModule): Promise<LinearSolver> {
  setSolverFlags()
  const known = module ?? compiled()
  const highs = await load(known === undefined ? {} : instantiationOf(known))
  return { createModel: () => wrap(highs, highs.createModel()) }
}
