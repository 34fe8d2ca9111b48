import { LineCounter, parseDocument, Scalar, YAMLMap, YAMLSeq, Document, visit } from 'yaml'
import { Problem, type InputFault } from '../domain/problem.ts'

/**
 * Writes plain values as YAML that reads well in a pull request: short maps and lists of scalars stay on one line.
 * @param value    maps, lists, text, finite numbers, booleans; `undefined` members are left out
 * @param heading  comment lines at the top, without `#`
 */
export function writeYaml(value: unknown, heading: readonly string[]): string {
  const document = new Document(value, { aliasDuplicateObjects: false })
  document.commentBefore = heading.map((line) => ` ${line}`).join('\n')
  visit(document, {
    Map: (_key, node) => flowWhenShort(node),
    Seq: (_key, node) => flowWhenShort(node),
  })
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

const longestFlow = 100

function flowWhenShort(node: YAMLMap | YAMLSeq): void {
  const leaves = node instanceof YAMLMap ? node.items.map((pair) => pair.value) : node.items
  const scalars = leaves.every((leaf) => leaf instanceof Scalar)
  const texts = node instanceof YAMLSeq && leaves.some((leaf) => leaf instanceof Scalar && typeof leaf.value === 'string' && leaf.value.includes(' '))
  if (scalars && !texts && JSON.stringify(node.toJSON()).length <= longestFlow) node.flow = true
}

/** A YAML document with the places of its nodes, for faults that say file, line and column. */
export interface PlacedDocument {
  readonly value: unknown
  fault(path: readonly (string | number)[], message: string): InputFault
}

/**
 * @throws Problem `input-invalid` with every syntax error, each at its line and column
 */
export function readYaml(text: string, file: string, what: string): PlacedDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  if (document.errors.length > 0) {
    const faults = document.errors.map((error) => {
      const { line, col } = lines.linePos(error.pos[0])
      return { file, line, column: col, path: '', message: error.message }
    })
    throw new Problem('input-invalid', { what, faults })
  }
  return {
    value: document.toJS({ maxAliasCount: 100 }),
    fault(path, message) {
      let depth = path.length
      let node = document.getIn(path, true)
      while (node === undefined && depth > 0) node = document.getIn(path.slice(0, (depth -= 1)), true)
      const range = (node as { range?: readonly number[] } | undefined)?.range
      const place = range?.[0] === undefined ? undefined : lines.linePos(range[0])
      return { file, line: place?.line, column: place?.col, path: pathText(path), message }
    },
  }
}

/** @returns `pools[1].nodes.min` */
export function pathText(path: readonly (string | number)[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('')
}
