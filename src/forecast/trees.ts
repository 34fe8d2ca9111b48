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
  }
  // row by row, as they lie in memory
  for (let row = 0; row < count; row += 1) {
    for (let f = 0; f < featureCount; f += 1) {
      const value = features[row * featureCount + f] as number
      bins[f * count + row] = value === value ? binOf(edges, f * mostBins, value) : 0
    }
  }
  return { count, featureCount, bins, edges, binCounts }
}

/** First bin from 1 whose edge is at or above the value: halves the bins until one is left; edges above the last are endless. */
function binOf(edges: Float32Array, from: number, value: number): number {
  let at = from
  for (let half = mostBins >> 1; half > 0; half >>= 1) at += (edges[at + half - 1] as number) < value ? half : 0
  return at - from
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
  const sortedTargets = targets.slice(0, count).sort()
  const start = Float32Array.from(quantiles, (quantile) => sortedTargets[rankOf(quantile, count)] ?? 0)
  // how far each row's quantiles are above its target; below 0 a number has its sign bit set
  const excess = new Float32Array(count * levels)
  const excessBits = new Int32Array(excess.buffer)
  for (let row = 0; row < count; row += 1) for (let k = 0; k < levels; k += 1) excess[row * levels + k] = (start[k] as number) - (targets[row] as number)
  const codes = new Uint8Array(count)
  const grown: GrownNodes = { features: [], thresholds: [], bins: [], left: [], right: [], leafValues: [] }
  const roots: number[] = []
  const order = new Uint32Array(count)
  const scratch = new Uint32Array(count)
  const selection = new Selection(count)
  const moves = new Float64Array(levels)
  const bag = new Bag(random, settings.rowShare)
  for (let round = 0; round < settings.rounds; round += 1) {
    const bagged = bag.draw(order)
    for (let row = 0, at = 0; row < count; row += 1) {
      let code = 0
      for (let k = 0; k < levels; k += 1, at += 1) code += (excessBits[at] as number) >>> 31
      codes[row] = code
    }
    const chosen = Array.from({ length: Math.min(settings.used, featureCount) }, (_, f) => f).filter(() => random() < settings.featureShare)
    const tree = growTree(binned, codes, order, bagged, chosen.length > 0 ? chosen : [0], settings, grown, scratch)
    roots.push(tree.root)
    for (const { from, to, otherFrom, otherTo, leaf } of tree.leaves) {
      for (let k = 0; k < levels; k += 1) {
        // the quantile of what the rows are above their target, counted from the other end
        const value = to > from ? -learningRate * selection.among(excess, order, from, to, levels, k, to - from - 1 - rankOf(quantiles[k] as number, to - from)) : 0
        grown.leafValues[leaf * levels + k] = value
        moves[k] = value
      }
      addMoves(excess, order, from, to, moves)
      addMoves(excess, order, otherFrom, otherTo, moves)
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

/** Position of a quantile among so many values in ascending order. */
function rankOf(quantile: number, count: number): number {
  return Math.min(count - 1, Math.floor(quantile * count))
}

/** Draws the rows that a tree learns from: without branches, which no processor could foretell. */
class Bag {
  readonly #random: () => number
  /** Of 256. */
  readonly #share: number

  constructor(random: () => number, rowShare: number) {
    this.#random = random
    this.#share = Math.round(256 * rowShare)
  }

  /**
   * @param order  is filled with all rows: those drawn first, ascending, then the others
   * @returns how many were drawn
   */
  draw(order: Uint32Array): number {
    const share = this.#share
    let bagged = 0
    let others = order.length - 1
    let bits = 0
    for (let row = 0; row < order.length; row += 1) {
      bits = (row & 3) === 0 ? Math.floor(this.#random() * 4294967296) | 0 : bits >>> 8
      const drawn = ((bits & 255) - share) >>> 31
      order[bagged] = row
      order[others] = row
      bagged += drawn
      others -= 1 - drawn
    }
    return bagged
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
function addMoves(excess: Float32Array, order: Uint32Array, from: number, to: number, moves: Float64Array): void {
  for (let i = from; i < to; i += 1) {
    const at = (order[i] as number) * moves.length
    for (let k = 0; k < moves.length; k += 1) excess[at + k] = (excess[at + k] as number) + (moves[k] as number)
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
  const histogram = new Int32Array(Math.ceil(chosen.length / 4) * 4 * mostBins * width)
  const { bins, count } = binned
  const ownCodes = new Uint8Array(to - from)
  for (let i = from; i < to; i += 1) ownCodes[i - from] = codes[order[i] as number] as number
  const rows = order.subarray(from, to)
  // four features at a time: reading rows and codes is a good part of the work; what is left over is counted again where nothing looks
  const size = mostBins * width
  for (let c = 0; c < chosen.length; c += 4) {
    const [first, second, third, fourth] = [0, 1, 2, 3].map((i) => (chosen[Math.min(c + i, chosen.length - 1)] as number) * count) as [number, number, number, number]
    const offset = c * size
    for (let i = 0; i < rows.length; i += 1) {
      const row = rows[i] as number
      const cell = offset + (ownCodes[i] as number)
      const at1 = cell + (bins[first + row] as number) * width
      histogram[at1] = (histogram[at1] as number) + 1
      const at2 = cell + size + (bins[second + row] as number) * width
      histogram[at2] = (histogram[at2] as number) + 1
      const at3 = cell + 2 * size + (bins[third + row] as number) * width
      histogram[at3] = (histogram[at3] as number) + 1
      const at4 = cell + 3 * size + (bins[fourth + row] as number) * width
      histogram[at4] = (histogram[at4] as number) + 1
    }
  }
  return histogram
}

/** The split with the highest gain: Σ_k weight_k · (G² left / n left + G² right / n right − G² / n), in units of one row's variance. */
function bestSplit(histogram: Int32Array, binned: BinnedRows, chosen: readonly number[], rows: number, settings: TreeSettings): { gain: number; feature: number; bin: number } {
  const { quantiles, leastRowsPerLeaf } = settings
  const levels = quantiles.length
  const width = levels + 1
  const found = { gain: 0, feature: -1, bin: -1 }
  if (rows < 2 * leastRowsPerLeaf) return found
  const shares = Float64Array.from(quantiles)
  const weights = shares.map((quantile) => 1 / Math.sqrt(quantile * (1 - quantile)))
  const sums = gradientSums(histogram, binned.binCounts[chosen[0] as number] as number, rows, shares)
  const left = new Float64Array(levels)
  let whole = 0
  for (let k = 0; k < levels; k += 1) whole += ((weights[k] as number) * (sums[k] as number) ** 2) / rows
  let most = whole
  for (let c = 0; c < chosen.length; c += 1) {
    const feature = chosen[c] as number
    const last = (binned.binCounts[feature] as number) - 1
    left.fill(0)
    let leftRows = 0
    for (let bin = 0, cell = c * mostBins * width; bin < last; bin += 1, cell += width) {
      let below = 0
      for (let k = 0; k < levels; k += 1) {
        below += histogram[cell + k] as number
        left[k] = (left[k] as number) + below
      }
      leftRows += below + (histogram[cell + levels] as number)
      const rightRows = rows - leftRows
      if (leftRows < leastRowsPerLeaf) continue
      if (rightRows < leastRowsPerLeaf) break
      const perLeft = 1 / leftRows
      const perRight = 1 / rightRows
      let gain = 0
      for (let k = 0; k < levels; k += 1) {
        const leftSum = (shares[k] as number) * leftRows - (left[k] as number)
        const rightSum = (sums[k] as number) - leftSum
        gain += (weights[k] as number) * (leftSum * leftSum * perLeft + rightSum * rightSum * perRight)
      }
      if (gain <= most) continue
      most = gain
      found.feature = feature
      found.bin = bin
    }
  }
  found.gain = most - whole
  return found
}

/** G of each quantile over all rows of a histogram, from the first feature's bins. */
function gradientSums(histogram: Int32Array, bins: number, rows: number, shares: Float64Array): Float64Array {
  const width = shares.length + 1
  const sums = new Float64Array(shares.length)
  let below = 0
  for (let k = 0; k < shares.length; k += 1) {
    for (let bin = 0; bin < bins; bin += 1) below += histogram[bin * width + k] as number
    sums[k] = (shares[k] as number) * rows - below
  }
  return sums
}

/** Stable partition of rows by a leaf's split, without branches; returns where the right side begins. */
function partition(binned: BinnedRows, order: Uint32Array, scratch: Uint32Array, leaf: OpenLeaf, begin: number, end: number): number {
  const { bins } = binned
  const { bin } = leaf
  const column = leaf.feature * binned.count
  let left = begin
  let right = 0
  for (let i = begin; i < end; i += 1) {
    const row = order[i] as number
    const goesRight = (bin - (bins[column + row] as number)) >>> 31
    order[left] = row
    scratch[right] = row
    left += 1 - goesRight
    right += goesRight
  }
  order.set(scratch.subarray(0, right), left)
  return left
}

/** Bits of a number that its first sorting looks at: sign, exponent and the first two of the fraction. */
const topBits = 11
const topCounts = 1 << topBits

/** Finds the value of a rank among some: counts them by their top bits first, since most of them are out of the question by these alone. */
class Selection {
  readonly #values: Float32Array
  readonly #bits: Int32Array
  readonly #counts = new Int32Array(topCounts)

  /** @param most  values that are ever looked at */
  constructor(most: number) {
    this.#values = new Float32Array(most)
    this.#bits = new Int32Array(this.#values.buffer)
  }

  /** The value of `rank` in ascending order among column `k` of rows `order[from … to)`. */
  among(table: Float32Array, order: Uint32Array, from: number, to: number, width: number, k: number, rank: number): number {
    const values = this.#values
    const bits = this.#bits
    const counts = this.#counts
    const count = to - from
    counts.fill(0)
    for (let i = 0; i < count; i += 1) values[i] = table[(order[from + i] as number) * width + k] as number
    for (let i = 0; i < count; i += 1) {
      const top = topOf(bits[i] as number)
      counts[top] = (counts[top] as number) + 1
    }
    let below = 0
    let wanted = 0
    for (; below + (counts[wanted] as number) <= rank; wanted += 1) below += counts[wanted] as number
    let kept = 0
    for (let i = 0; i < count; i += 1) {
      const value = values[i] as number
      const top = topOf(bits[i] as number)
      if (top === wanted) values[kept++] = value
    }
    return valueOfRank(values, kept, rank - below)
  }
}

/** The top bits of a number as an integer from 0 on that grows with it. */
function topOf(bits: number): number {
  return ((bits ^ ((bits >> 31) & 0x7fffffff)) >> (32 - topBits)) + topCounts / 2
}

/** Hoare's selection; reorders `values`. */
function valueOfRank(values: Float32Array, count: number, rank: number): number {
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
  const { roots, left, right, thresholds, leafValues } = trees
  const sums = new Float32Array(rows * levels)
  for (let row = 0; row < rows; row += 1) sums.set(trees.start, row * levels)
  let t = 0
  return stages.map((stage) => {
    // tree by tree, so that a tree is read once for all rows
    for (const end = Math.min(roots.length, stage); t < end; t += 1) {
      for (let row = 0; row < rows; row += 1) {
        const from = row * featureCount
        let node = roots[t] as number
        while (node >= 0) {
          const value = features[from + (trees.features[node] as number)] as number
          node = (value > (thresholds[node] as number) ? right[node] : left[node]) as number
        }
        const leaf = (-1 - node) * levels
        for (let k = 0, at = row * levels; k < levels; k += 1, at += 1) sums[at] = (sums[at] as number) + (leafValues[leaf + k] as number)
      }
    }
    const output = sums.slice()
    if (levels > 1) for (let row = 0; row < rows; row += 1) output.subarray(row * levels, (row + 1) * levels).sort()
    return output
  })
}
