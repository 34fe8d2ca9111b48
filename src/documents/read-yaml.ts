import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from 'yaml'
import { Problem, type InputFault } from '../domain/problem.ts'

/** Keys and list indices from the root of a document. */
export type DocumentPath = readonly (string | number)[]

/** A YAML document with the places of its nodes, for faults that say file, line and column. */
export interface PlacedDocument {
  readonly value: unknown
  /** Whether the file itself holds something at `path`. */
  has(path: DocumentPath): boolean
  /** A fault at the value of `path`; where the file holds none, at the nearest thing around it. */
  fault(path: DocumentPath, message: string): InputFault
  /** The same at the key of `path`. */
  keyFault(path: DocumentPath, message: string): InputFault
}

/** What a file may cost: both bounds are far above any real file and far below what would stall a run. */
export interface YamlBounds {
  readonly characters: number
  /** Values after every anchor was put where it is referred to. */
  readonly values: number
}

/** What could be read of a file, and what was wrong with it; no document when nothing after the faults could be trusted. */
export interface YamlReading {
  readonly document: PlacedDocument | undefined
  readonly faults: readonly InputFault[]
}

const deepest = 100
const tooDeep = `is nested more than ${deepest} deep`

const ordinaryBounds: YamlBounds = { characters: 8 * 2 ** 20, values: 1_000_000 }

/**
 * Reads YAML 1.2 with anchors and merge keys, within bounds on size and on what references may grow to.
 * A key that stands twice is a fault, and the document is still read, so that its other faults are told with it.
 */
export function parseYaml(text: string, file: string, bounds: YamlBounds = ordinaryBounds): YamlReading {
  const alone = (message: string): YamlReading => ({
    document: undefined,
    faults: [{ file, line: undefined, column: undefined, path: '', message }],
  })
  if (text.length > bounds.characters) return alone(`has ${text.length} characters, above the limit of ${bounds.characters}`)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, logLevel: 'error' })
  const faults = syntaxFaults([...document.errors, ...document.warnings], text, file, lines)
  const trusted = document.errors.every((error) => error.code === 'DUPLICATE_KEY') && document.warnings.length === 0
  if (!trusted) return { document: undefined, faults }
  const { values, broken } = measure(document.contents)
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.node.range?.[0] ?? 0)
    return { document: undefined, faults: [...faults, { file, line, column: col, path: '', message: broken.message }] }
  }
  if (values > bounds.values) return alone(`grows to more than ${bounds.values} values through its references`)
  return { document: placedDocument(document, file, lines), faults }
}

/**
 * @throws Problem `input-invalid` with every fault of the file's syntax, each at its line and column
 */
export function readYaml(text: string, file: string, what: string, bounds: YamlBounds = ordinaryBounds): PlacedDocument {
  const { document, faults } = parseYaml(text, file, bounds)
  if (document === undefined || faults.length > 0) throw new Problem('input-invalid', { what, faults })
  return document
}

/** @returns `pools[1].nodes.min`; keys that a dot would garble stand in brackets: `perNode["m7g.large"]` */
export function pathText(path: DocumentPath): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`
      if (!/[.[\]\s]/.test(part)) return index === 0 ? part : `.${part}`
      return `[${JSON.stringify(part)}]`
    })
    .join('')
}

/** The first fault of a line is the cause, the others follow from it. */
function syntaxFaults(errors: readonly YAMLError[], text: string, file: string, lines: LineCounter): InputFault[] {
  const faults = new Map<number, InputFault>()
  for (const error of [...errors].sort((a, b) => a.pos[0] - b.pos[0])) {
    const { line, col } = lines.linePos(error.pos[0])
    if (!faults.has(line)) faults.set(line, { file, line, column: col, path: '', message: syntaxMessage(error, text) })
  }
  return [...faults.values()]
}

function syntaxMessage(error: YAMLError, text: string): string {
  const [from, to] = error.pos
  const start = text[from] ?? ''
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return `the key ${/^[^:\s]*/.exec(text.slice(from, Math.max(to, from + 80)))?.[0] ?? ''} stands twice in one block`
    case 'TAB_AS_INDENT':
      return 'is indented by a tab, expected spaces'
    case 'MULTIPLE_DOCS':
      return 'starts a second document, expected one per file'
    case 'BAD_SCALAR_START':
      return `starts with the reserved character ${start}, expected text in quotes`
    case 'RESOURCE_EXHAUSTION':
      return tooDeep
    case 'BAD_ALIAS':
      return 'starts with * and so refers to an anchor, expected text in quotes or the name of an anchor'
    case 'BAD_INDENT':
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return `is not YAML: ${lowered(error.message)} (check the indentation, and put text with a colon in quotes)`
    default:
      return `is not YAML: ${lowered(error.message)}${startsWithStar(text, from) ? '; text that starts with * must be in quotes' : ''}`
  }
}

/** Cron fields in a line, outside quotes. */
function startsWithStar(text: string, position: number): boolean {
  const start = text.lastIndexOf('\n', position - 1) + 1
  return /[:,[{-]\s*\*/.test(text.slice(start, position + 1))
}

function lowered(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1)
}

interface Broken {
  readonly node: Node
  readonly message: string
}

/** Counts values as if every reference were written out, without writing it out; stops at the first reference that cannot be. */
function measure(contents: unknown): { readonly values: number; readonly broken: Broken | undefined } {
  const anchors = new Map<string, Node>()
  const sizes = new Map<Node, number>()
  const open = new Set<Node>()
  let broken: Broken | undefined

  function size(node: unknown): number {
    if (broken !== undefined || node === null) return 0
    if (isPair(node)) return size(node.key) + size(node.value) + mergeCheck(node)
    if (isAlias(node)) return aliasSize(node)
    if (!isScalar(node) && !isCollection(node)) return 0
    // A later anchor of the same name replaces the earlier one.
    if (node.anchor !== undefined) anchors.set(node.anchor, node as Node)
    if (isScalar(node)) return 1
    if (open.size >= deepest) return fail(node as Node, tooDeep)
    open.add(node)
    const total = (node.items as readonly unknown[]).reduce<number>((sum, item) => sum + size(item), 1)
    open.delete(node)
    sizes.set(node, total)
    return total
  }

  function aliasSize(alias: Alias): number {
    const target = anchors.get(alias.source)
    if (target === undefined) {
      return fail(alias, `*${alias.source} refers to an anchor that is not set above it; text that starts with * must be in quotes`)
    }
    return open.has(target) ? fail(alias, `*${alias.source} refers to itself`) : (sizes.get(target) ?? 1)
  }

  function mergeCheck(pair: Pair): number {
    if (!isMergeKey(pair.key)) return 0
    const target = (node: unknown): unknown => (isAlias(node) ? anchors.get(node.source) : node)
    const merged = target(pair.value)
    const sources = isSeq(merged) ? merged.items.map(target) : [merged]
    return sources.every((source) => isMap(source))
      ? 0
      : fail(pair.key as Node, '<< merges blocks, expected an anchor of a block or a list of them')
  }

  function fail(node: Node, message: string): number {
    broken ??= { node, message }
    return 0
  }

  return { values: size(contents), broken }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.source === '<<' && (key.type === undefined || key.type === 'PLAIN')
}

interface Place {
  readonly key: Node | undefined
  readonly value: Node | undefined
}

function placedDocument(document: Document.Parsed, file: string, lines: LineCounter): PlacedDocument {
  const follow = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node)

  /** The pair of `key`, in the block itself or in what is merged into it. */
  function pairOf(map: YAMLMap, key: string): Pair | undefined {
    const own = map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key)
    if (own !== undefined) return own
    for (const pair of map.items) {
      if (!isMergeKey(pair.key)) continue
      const merged = follow(pair.value)
      for (const source of isSeq(merged) ? merged.items.map(follow) : [merged]) {
        const found = isMap(source) ? pairOf(source, key) : undefined
        if (found !== undefined) return found
      }
    }
    return undefined
  }

  /** The places along `path`, as far as the file goes. */
  function places(path: DocumentPath): readonly Place[] {
    const found: Place[] = [{ key: undefined, value: document.contents ?? undefined }]
    let node: unknown = document.contents
    for (const part of path) {
      node = follow(node)
      if (isMap(node)) {
        const pair = pairOf(node, String(part))
        if (pair === undefined) return found
        found.push({ key: pair.key as Node, value: (pair.value ?? undefined) as Node | undefined })
        node = pair.value
      } else if (isSeq(node)) {
        const item = node.items[Number(part)]
        if (item === undefined) return found
        found.push({ key: item as Node, value: item as Node })
        node = item
      } else return found
    }
    return found
  }

  function fault(path: DocumentPath, message: string, at: 'key' | 'value'): InputFault {
    const found = places(path)
    const place = found.at(-1)
    const whole = found.length === path.length + 1
    const node = whole && at === 'value' ? (place?.value ?? place?.key) : (place?.key ?? place?.value)
    const position = lines.linePos(node?.range?.[0] ?? 0)
    return { file, line: Math.max(1, position.line), column: Math.max(1, position.col), path: pathText(path), message }
  }

  return {
    value: document.toJS({ maxAliasCount: -1 }),
    has: (path) => places(path).length === path.length + 1,
    fault: (path, message) => fault(path, message, 'value'),
    keyFault: (path, message) => fault(path, message, 'key'),
  }
}
