import { isMap, isScalar, isSeq, LineCounter, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml'
import type { FeedFaults } from './feed-faults.ts'

/** An object of a list in JSON; its texts with their places. */
export interface JsonItem {
  /** @returns the text of a key, numbers too; undefined where it is missing or null */
  text(key: string): { readonly text: string; readonly fault: (message: string) => void } | undefined
  /** A fault of the object as a whole. */
  fault(message: string): void
}

/**
 * The objects of a JSON list, or of the list that an object holds as `key`. JSON is read as YAML of one style, which knows lines.
 * @returns none, and a fault, when there is no such list
 */
export function jsonItems(text: string, key: string, faults: FeedFaults): readonly JsonItem[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, strict: true, uniqueKeys: false })
  const broken = document.errors[0]
  if (broken !== undefined || !/^\s*[[{]/.test(text)) {
    const { line, col } = lines.linePos(broken?.pos[0] ?? 0)
    faults.add(line || 1, col || 1, '', `is not JSON: ${broken === undefined ? 'it begins with neither { nor [' : (broken.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')}`)
    return []
  }
  const root = document.contents
  const list = isSeq(root) ? root : isMap(root) ? root.get(key) : undefined
  if (!isSeq(list)) {
    faults.add(1, 1, key, `expected a list, or an object with a list as ${key}`)
    return []
  }
  const prefix = isSeq(root) ? '' : key
  return (list as YAMLSeq).items.flatMap((item, index) => {
    const path = `${prefix}[${index}]`
    const place = (node: unknown): { line: number; col: number } => {
      const from = (node as { range?: readonly number[] | null } | null | undefined)?.range?.[0]
      return lines.linePos(from ?? 0)
    }
    const at = place(item)
    if (!isMap(item)) {
      faults.add(at.line, at.col, path, 'expected an object')
      return []
    }
    return [jsonItem(item, path, at, place, faults)]
  })
}

function jsonItem(
  item: YAMLMap,
  path: string,
  at: { readonly line: number; readonly col: number },
  place: (node: unknown) => { line: number; col: number },
  faults: FeedFaults,
): JsonItem {
  return {
    fault: (message) => faults.add(at.line, at.col, path, message),
    text: (key) => {
      const node = item.get(key, true)
      const value: unknown = isScalar(node) ? node.value : node
      if (value === undefined || value === null) return undefined
      const { line, col } = place(node)
      const source = isScalar(node) && typeof value !== 'string' ? String(node.source ?? value) : typeof value === 'string' ? value : JSON.stringify(value)
      return { text: source, fault: (message) => faults.add(line, col, `${path}.${key}`, message) }
    },
  }
}
