/**
 * Replaces the lower triangle of a symmetric positive matrix by its Cholesky factor L, so that L Lᵀ is the matrix.
 * @param matrix       shape [width × width], row-wise
 * @param leastSquare  squares of pivots below it count as it: a matrix that is nearly singular still has a factor
 */
export function decompose(matrix: Float64Array, width: number, leastSquare: number): void {
  for (let j = 0; j < width; j += 1) {
    for (let k = 0; k < j; k += 1) {
      const share = matrix[j * width + k] as number
      if (share === 0) continue
      for (let i = j; i < width; i += 1) matrix[i * width + j] = (matrix[i * width + j] as number) - share * (matrix[i * width + k] as number)
    }
    const pivot = Math.sqrt(Math.max(leastSquare, matrix[j * width + j] as number))
    for (let i = j; i < width; i += 1) matrix[i * width + j] = (matrix[i * width + j] as number) / pivot
  }
}

/** @returns x of L Lᵀ x = b, shape [width] */
export function solveDecomposed(factor: Float64Array, right: Float64Array, width: number): Float64Array {
  const solution = Float64Array.from(right)
  for (let i = 0; i < width; i += 1) {
    let value = solution[i] as number
    for (let k = 0; k < i; k += 1) value -= (factor[i * width + k] as number) * (solution[k] as number)
    solution[i] = value / (factor[i * width + i] as number)
  }
  for (let i = width - 1; i >= 0; i -= 1) {
    let value = solution[i] as number
    for (let k = i + 1; k < width; k += 1) value -= (factor[k * width + i] as number) * (solution[k] as number)
    solution[i] = value / (factor[i * width + i] as number)
  }
  return solution
}
