import { seededRandom } from './seeded-random.ts'

/** Most bins of a feature; bin 0 holds missing values. */
const mostBins = 64

/** Settings of the boosted trees. */
export interface TreeSettings {
  readonly quantiles: readonly number[]
  readonly rounds: number
  readonly leaves: number
  readonly learningRate: number
  readonly leastRowsPerLeaf: number
  /** Features that may be used: the first so many. */
  readonly used: number
  /** Shares of rows and of those features that each tree sees. */
  readonly rowShare: number
  readonly featureShare: number
  readonly seed: number
}

/**
 * Trees as flat arrays. Node `i` sends a row left when its feature is missing or at most the threshold. A child below 0 is a leaf, −1 − leaf.
 */
export interface BoostedTrees {
  readonly quantiles: readonly number[]
  /** Values that boosting starts from. Shape [quantiles]. */
  readonly start: Float32Array
  readonly features: Int32Array
  readonly thresholds: Float32Array
  readonly left: Int32Array
  readonly right: Int32Array
  /** Root of each tree; below 0 a tree that is one leaf. */
  readonly roots: Int32Array
  /** Shape [leaves × quantiles]. */
  readonly leafValues: Float32Array
}

/** Rows as bins, feature by feature. */
interface BinnedRows {
  readonly count: number
  readonly featureCount: number
  /** Column-wise, shape [features × rows]. */
  readonly bins: Uint8Array
  /** Upper edge of each bin, shape [features × mostBins]; bin b holds values in (edge(b − 1), edge(b)]. */
  readonly edges: Float32Array
  readonly binCounts: Int32Array
}

/** Cuts every feature at quantiles of a sample of its values. */
function binRows(features: Float32Array, count: number, featureCount: number): BinnedRows {
  const bins = new Uint8Array(featureCount * count)
  const edges = new Float32Array(featureCount * mostBins)
  const binCounts = new Int32Array(featureCount)
  const stride = Math.max(1, Math.floor(count / 20000))
  const sample = new Float32Array(Math.ceil(count / stride))
  for (let f = 0; f < featureCount; f += 1) {
    let seen = 0
    for (let row = 0; row < count; row += stride) {
      const value = features[row * featureCount + f] as number
      if (value === value) sample[seen++] = value
    }
    const sorted = sample.slice(0, seen).sort()
    const columnEdges = new Float32Array(mostBins).fill(Infinity)
    let used = 1
    for (let cut = 1; cut < mostBins - 1 && seen > 0; cut += 1) {
      const edge = sorted[Math.floor((cut * (seen - 1)) / (mostBins - 1))] as number
      if (used === 1 || edge > (columnEdges[used - 1] as number)) columnEdges[used++] = edge
    }
    columnEdges[0] = -Infinity
    edges.set(columnEdges, f * mostBins)
    binCounts[f] = used + 1
    for (let row = 0; row < count; row += 1) {
      const value = features[row * featureCount + f] as number
      bins[f * count + row] = value === value ? binOf(columnEdges, used, value) : 0
    }
  }
  return { count, featureCount, bins, edges, binCounts }
}

/** First bin from 1 whose edge is at or above the value; the last one is open. */
function binOf(edges: Float32Array, last: number, value: number): number {
  let low = 1
  let high = last
  while (low < high) {
    const middle = (low + high) >> 1
    if ((edges[middle] as number) >= value) high = middle
    else low = middle + 1
  }
  return low
}

/** Where a leaf's rows lie in the order: those the tree learns from, then those it does not. */
interface LeafRows {
  readonly from: number
  readonly to: number
  readonly otherFrom: number
  readonly otherTo: number
}

/** A leaf that may still be split. */
interface OpenLeaf extends LeafRows {
  /** Counts per feature, bin and code, see `boostTrees`. */
  readonly histogram: Int32Array
  readonly gain: number
  readonly feature: number
  readonly bin: number
  readonly parent: number
  readonly side: 'left' | 'right' | 'root'
}

/**
 * Gradient boosting for several quantiles at once: every tree's leaves hold one value per quantile. A row's pinball gradients follow from
 * one number, its code: how many of its present quantiles lie below its target. So histograms are counts of codes, and the gradient of
 * quantile k over any set of n rows is q_k · n − (rows with code ≤ k). Leaves move by the quantile of their rows' residuals.
 * @param features  row-wise, shape [count × featureCount]; NaN is missing
 * @param targets   shape [count]
 * @see Friedman, Greedy Function Approximation (2001), 4.4 for leaf values; Ke et al., LightGBM (2017) for histograms and leaf-wise growth
 */
export function boostTrees(features: Float32Array, targets: Float32Array, count: number, featureCount: number, settings: TreeSettings): BoostedTrees {
  const { quantiles, learningRate } = settings
  const random = seededRandom(settings.seed)
  const binned = binRows(features, count, featureCount)
  const levels = quantiles.length
  const start = Float32Array.from(quantiles, (quantile) => quantileOf(targets.slice(0, count), count, quantile))
  const current = new Float32Array(count * levels)
  for (let row = 0; row < count; row += 1) current.set(start, row * levels)
  const codes = new Uint8Array(count)
  const grown: GrownNodes = { features: [], thresholds: [], bins: [], left: [], right: [], leafValues: [] }
  const roots: number[] = []
  const order = new Uint32Array(count)
  const scratch = new Uint32Array(count)
  const residuals = new Float32Array(count * levels)
  const moves = new Float64Array(levels)
  for (let round = 0; round < settings.rounds; round += 1) {
    let bagged = 0
    let others = count
    for (let row = 0; row < count; row += 1) {
      let code = 0
      const target = targets[row] as number
      for (let k = 0; k < levels; k += 1) if (target > (current[row * levels + k] as number)) code += 1
      codes[row] = code
      if (random() < settings.rowShare) order[bagged++] = row
      else order[--others] = row
    }
    const chosen = Array.from({ length: Math.min(settings.used, featureCount) }, (_, f) => f).filter(() => random() < settings.featureShare)
    const tree = growTree(binned, codes, order, bagged, chosen.length > 0 ? chosen : [0], settings, grown, scratch)
    roots.push(tree.root)
    for (const { from, to, otherFrom, otherTo, leaf } of tree.leaves) {
      const rows = to - from
      for (let i = 0; i < rows; i += 1) {
        const row = order[from + i] as number
        const target = targets[row] as number
        for (let k = 0; k < levels; k += 1) residuals[k * rows + i] = target - (current[row * levels + k] as number)
      }
      for (let k = 0; k < levels; k += 1) {
        const value = rows > 0 ? learningRate * quantileOf(residuals.subarray(k * rows, (k + 1) * rows), rows, quantiles[k] as number) : 0
        grown.leafValues[leaf * levels + k] = value
        moves[k] = value
      }
      addMoves(current, order, from, to, moves)
      addMoves(current, order, otherFrom, otherTo, moves)
    }
  }
  return {
    quantiles,
    start,
    features: Int32Array.from(grown.features),
    thresholds: Float32Array.from(grown.thresholds),
    left: Int32Array.from(grown.left),
    right: Int32Array.from(grown.right),
    roots: Int32Array.from(roots),
    leafValues: Float32Array.from(grown.leafValues),
  }
}

/** Nodes of all trees while they grow. */
interface GrownNodes {
  readonly features: number[]
  readonly thresholds: number[]
  readonly bins: number[]
  readonly left: number[]
  readonly right: number[]
  readonly leafValues: number[]
}

/** Adds a leaf's values to what its rows have so far. */
function addMoves(current: Float32Array, order: Uint32Array, from: number, to: number, moves: Float64Array): void {
  for (let i = from; i < to; i += 1) {
    const at = (order[i] as number) * moves.length
    for (let k = 0; k < moves.length; k += 1) current[at + k] = (current[at + k] as number) + (moves[k] as number)
  }
}

interface GrownTree {
  readonly root: number
  readonly leaves: readonly (LeafRows & { readonly leaf: number })[]
}

/** Grows one tree leaf by leaf, best gain first, from `order[0 … bagged)`; both these and the other rows are sorted so that each leaf's are together. */
function growTree(
  binned: BinnedRows,
  codes: Uint8Array,
  order: Uint32Array,
  bagged: number,
  chosen: readonly number[],
  settings: TreeSettings,
  grown: GrownNodes,
  scratch: Uint32Array,
): GrownTree {
  const levels = settings.quantiles.length
  const firstLeaf = grown.leafValues.length / levels
  const open: OpenLeaf[] = []
  const rootHistogram = histogramOf(binned, codes, order, 0, bagged, chosen, levels)
  open.push({ from: 0, to: bagged, otherFrom: bagged, otherTo: order.length, histogram: rootHistogram, ...bestSplit(rootHistogram, binned, chosen, bagged, settings), parent: -1, side: 'root' })
  let root = -1 - firstLeaf
  const attach = (leaf: OpenLeaf, child: number): void => {
    if (leaf.side === 'left') grown.left[leaf.parent] = child
    else if (leaf.side === 'right') grown.right[leaf.parent] = child
    else root = child
  }
  while (open.length < settings.leaves) {
    let best = 0
    for (let i = 1; i < open.length; i += 1) if ((open[i] as OpenLeaf).gain > (open[best] as OpenLeaf).gain) best = i
    const leaf = open[best] as OpenLeaf
    if (leaf.gain <= 0) break
    const node = grown.features.length
    grown.features.push(leaf.feature)
    grown.bins.push(leaf.bin)
    grown.thresholds.push(binned.edges[leaf.feature * mostBins + leaf.bin] as number)
    grown.left.push(0)
    grown.right.push(0)
    attach(leaf, node)
    const middle = partition(binned, order, scratch, leaf, leaf.from, leaf.to)
    const otherMiddle = partition(binned, order, scratch, leaf, leaf.otherFrom, leaf.otherTo)
    const smallerIsLeft = middle - leaf.from <= leaf.to - middle
    const smaller = smallerIsLeft
      ? histogramOf(binned, codes, order, leaf.from, middle, chosen, levels)
      : histogramOf(binned, codes, order, middle, leaf.to, chosen, levels)
    const larger = leaf.histogram
    for (let i = 0; i < larger.length; i += 1) larger[i] = (larger[i] as number) - (smaller[i] as number)
    const [leftHistogram, rightHistogram] = smallerIsLeft ? [smaller, larger] : [larger, smaller]
    open[best] = {
      from: leaf.from, to: middle, otherFrom: leaf.otherFrom, otherTo: otherMiddle, histogram: leftHistogram, ...bestSplit(leftHistogram, binned, chosen, middle - leaf.from, settings), parent: node, side: 'left',
    }
    open.push({
      from: middle, to: leaf.to, otherFrom: otherMiddle, otherTo: leaf.otherTo, histogram: rightHistogram, ...bestSplit(rightHistogram, binned, chosen, leaf.to - middle, settings), parent: node, side: 'right',
    })
  }
  const leaves = open.map((leaf, i) => {
    attach(leaf, -1 - (firstLeaf + i))
    for (let k = 0; k < levels; k += 1) grown.leafValues.push(0)
    const { from, to, otherFrom, otherTo } = leaf
    return { from, to, otherFrom, otherTo, leaf: firstLeaf + i }
  })
  return { root, leaves }
}

/** Rows of each code, per chosen feature and bin. Shape [chosen × mostBins × (levels + 1)]. */
function histogramOf(binned: BinnedRows, codes: Uint8Array, order: Uint32Array, from: number, to: number, chosen: readonly number[], levels: number): Int32Array {
  const width = levels + 1
  const histogram = new Int32Array(chosen.length * mostBins * width)
  const { bins, count } = binned
  const ownCodes = new Uint8Array(to - from)
  for (let i = from; i < to; i += 1) ownCodes[i - from] = codes[order[i] as number] as number
  const rows = order.subarray(from, to)
  // two features at a time: reading rows and codes is half of the work
  for (let c = 0; c < chosen.length; c += 2) {
    const paired = c + 1 < chosen.length
    const column = (chosen[c] as number) * count
    const next = paired ? (chosen[c + 1] as number) * count : column
    const offset = c * mostBins * width
    const nextOffset = offset + mostBins * width
    for (let i = 0; i < rows.length; i += 1) {
      const row = rows[i] as number
      const code = ownCodes[i] as number
      const cell = offset + (bins[column + row] as number) * width + code
      histogram[cell] = (histogram[cell] as number) + 1
      if (!paired) continue
      const other = nextOffset + (bins[next + row] as number) * width + code
      histogram[other] = (histogram[other] as number) + 1
    }
  }
  return histogram
}

/** The split with the highest gain: Σ_k weight_k · (G² left / n left + G² right / n right − G² / n), in units of one row's variance. */
function bestSplit(histogram: Int32Array, binned: BinnedRows, chosen: readonly number[], rows: number, settings: TreeSettings): { gain: number; feature: number; bin: number } {
  const { quantiles, leastRowsPerLeaf } = settings
  const levels = quantiles.length
  const width = levels + 1
  let best = { gain: 0, feature: -1, bin: -1 }
  if (rows < 2 * leastRowsPerLeaf) return best
  const total = new Float64Array(levels)
  const left = new Float64Array(levels)
  const weights = Float64Array.from(quantiles, (quantile) => 1 / Math.sqrt(quantile * (1 - quantile)))
  for (let c = 0; c < chosen.length; c += 1) {
    const feature = chosen[c] as number
    const bins = binned.binCounts[feature] as number
    const offset = c * mostBins * width
    if (c === 0) {
      for (let bin = 0; bin < bins; bin += 1) for (let k = 0; k < levels; k += 1) total[k] = (total[k] as number) + (histogram[offset + bin * width + k] as number)
      for (let k = 1; k < levels; k += 1) total[k] = (total[k] as number) + (total[k - 1] as number)
    }
    left.fill(0)
    let leftRows = 0
    for (let bin = 0; bin < bins - 1; bin += 1) {
      const cell = offset + bin * width
      let below = 0
      for (let k = 0; k < levels; k += 1) {
        below += histogram[cell + k] as number
        left[k] = (left[k] as number) + below
      }
      leftRows += below + (histogram[cell + levels] as number)
      const rightRows = rows - leftRows
      if (leftRows < leastRowsPerLeaf) continue
      if (rightRows < leastRowsPerLeaf) break
      let gain = 0
      for (let k = 0; k < levels; k += 1) {
        const quantile = quantiles[k] as number
        const leftSum = quantile * leftRows - (left[k] as number)
        const sum = quantile * rows - (total[k] as number)
        const rightSum = sum - leftSum
        gain += (weights[k] as number) * ((leftSum * leftSum) / leftRows + (rightSum * rightSum) / rightRows - (sum * sum) / rows)
      }
      if (gain > best.gain) best = { gain, feature, bin }
    }
  }
  return best
}

/** Stable partition of rows by a leaf's split; returns where the right side begins. */
function partition(binned: BinnedRows, order: Uint32Array, scratch: Uint32Array, leaf: OpenLeaf, begin: number, end: number): number {
  const column = leaf.feature * binned.count
  let left = begin
  let right = 0
  for (let i = begin; i < end; i += 1) {
    const row = order[i] as number
    if ((binned.bins[column + row] as number) <= leaf.bin) order[left++] = row
    else scratch[right++] = row
  }
  order.set(scratch.subarray(0, right), left)
  return left
}

/** The value at the quantile's rank, by selection; reorders `values`. */
function quantileOf(values: Float32Array, count: number, quantile: number): number {
  if (count === 0) return 0
  const rank = Math.min(count - 1, Math.floor(quantile * count))
  let low = 0
  let high = count - 1
  while (low < high) {
    const pivot = values[(low + high) >> 1] as number
    let i = low
    let j = high
    while (i <= j) {
      while ((values[i] as number) < pivot) i += 1
      while ((values[j] as number) > pivot) j -= 1
      if (i <= j) {
        const kept = values[i] as number
        values[i] = values[j] as number
        values[j] = kept
        i += 1
        j -= 1
      }
    }
    if (rank <= j) high = j
    else if (rank >= i) low = i
    else break
  }
  return values[rank] as number
}

/**
 * What comes out after each of some numbers of trees.
 * @param features  row-wise, shape [rows × featureCount]
 * @param stages    numbers of trees, ascending
 * @returns one per stage: row-wise, shape [rows × quantiles], ascending within a row
 */
export function predictTrees(trees: BoostedTrees, features: Float32Array, rows: number, featureCount: number, stages: readonly number[]): Float32Array[] {
  const levels = trees.quantiles.length
  const outputs = stages.map(() => new Float32Array(rows * levels))
  const { roots, left, right, thresholds, leafValues } = trees
  const sums = new Float32Array(levels)
  for (let row = 0; row < rows; row += 1) {
    const from = row * featureCount
    sums.set(trees.start)
    let t = 0
    for (let stage = 0; stage < stages.length; stage += 1) {
      for (const end = Math.min(roots.length, stages[stage] as number); t < end; t += 1) {
        let node = roots[t] as number
        while (node >= 0) {
          const value = features[from + (trees.features[node] as number)] as number
          node = (value > (thresholds[node] as number) ? right[node] : left[node]) as number
        }
        const leaf = (-1 - node) * levels
        for (let k = 0; k < levels; k += 1) sums[k] = (sums[k] as number) + (leafValues[leaf + k] as number)
      }
      const output = outputs[stage] as Float32Array
      output.set(sums, row * levels)
      if (levels > 1) output.subarray(row * levels, (row + 1) * levels).sort()
    }
  }
  return outputs
}
