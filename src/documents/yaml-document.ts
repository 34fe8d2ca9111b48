import { Document, Scalar, visit, YAMLMap, YAMLSeq } from 'yaml'

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
