import { stringify } from 'yaml'
import type { Form, KeyShape, Shape } from './schema-tree.ts'

/** What the generated page says besides the keys. */
export interface PageText {
  /** Name of the file: the title. */
  readonly title: string
  /** Paragraphs under the title. */
  readonly introduction: readonly string[]
}

/**
 * Reference page of a file, in Markdown: one section per block, one row per key, so that every key can be linked to.
 * @returns the page's text, the same for the same schema
 */
export function referencePage(root: Shape, text: PageText): string {
  const sections = sectionsOf(root, '')
  const contents = sections
    .filter((section) => section.path !== '')
    .map((section) => `${'  '.repeat(depthOf(section.path))}- ${link(section.path)}`)
  return (
    [
      `# ${text.title}`,
      ...text.introduction,
      contents.join('\n'),
      ...sections.flatMap((section) => [
        ...(section.path === ''
          ? ['## Keys at the top']
          : [
              `${depthOf(section.path) === 0 ? '##' : '###'} \`${section.path}\``,
              ...(section.description === '' ? [] : [section.description]),
            ]),
        ...section.tables,
      ]),
    ].join('\n\n') + '\n'
  )
}

interface Section {
  /** `workloads[].demand`; empty for the root. */
  readonly path: string
  readonly description: string
  /** Tables and the lines between them. */
  readonly tables: readonly string[]
}

function sectionsOf(shape: Shape, path: string, description = ''): readonly Section[] {
  const parts = partsOf(shape, path)
  if (parts === undefined) return []
  const inner = parts.forms.flatMap((form) =>
    form.keys.flatMap((key) => sectionsOf(key.shape, joined(parts.path, key.name), key.description)),
  )
  const tables = parts.forms.flatMap((form, index) => [...(parts.headings[index] ?? []), table(form.keys, parts.path)])
  return [{ path: parts.path, description, tables }, ...inner]
}

interface Parts {
  readonly path: string
  readonly forms: readonly Form[]
  /** Lines above each form's table. */
  readonly headings: readonly (readonly string[])[]
}

/** @returns undefined for what needs no section of its own */
function partsOf(shape: Shape, path: string): Parts | undefined {
  switch (shape.kind) {
    case 'block':
      return { path, forms: [shape], headings: [] }
    case 'list':
      return partsOf(shape.item, `${path}[]`)
    case 'map':
      return partsOf(shape.value, `${path}.<${shape.key.kind === 'value' ? shape.key.type : 'name'}>`)
    case 'forms':
      return { path, forms: shape.forms, headings: shape.forms.map((form) => [formHeading(form, shape.discriminator)]) }
    case 'choice':
    case 'value':
      return undefined
    default:
      return shape satisfies never
  }
}

function formHeading(form: Form, discriminator: string | undefined): string {
  const first = form.keys[0]
  if (first === undefined) return ''
  if (discriminator === undefined) return `**\`${first.name}\`**`
  const value = first.shape.kind === 'choice' ? first.shape.values[0] : ''
  return `**\`${discriminator}: ${value}\`** ${first.description}`
}

function table(keys: readonly KeyShape[], path: string): string {
  const rows = keys.map((key) => [`\`${key.name}\``, typeCell(key, path), defaultCell(key), meaningCell(key)])
  return ['| Key | Type | Default | Meaning |', '|---|---|---|---|', ...rows.map((row) => `| ${row.map(escaped).join(' | ')} |`)].join('\n')
}

function typeCell(key: KeyShape, path: string): string {
  return typeText(key.shape, joined(path, key.name))
}

function typeText(shape: Shape, path: string): string {
  switch (shape.kind) {
    case 'block':
    case 'forms':
      return link(path, 'block')
    case 'list':
      return `list of ${itemText(shape.item, path)}`
    case 'map': {
      const key = shape.key.kind === 'value' ? shape.key.type : 'name'
      return shape.value.kind === 'block' ? `${key}: ${link(`${path}.<${key}>`, 'block')}` : `${key}: ${typeText(shape.value, path)}`
    }
    case 'choice':
      return shape.values.map((value) => `\`${value}\``).join(', ')
    case 'value':
      return shape.type
    default:
      return shape satisfies never
  }
}

function itemText(item: Shape, path: string): string {
  if (item.kind === 'block') return link(`${path}[]`, 'blocks')
  return item.kind === 'choice' ? typeText(item, path) : plural(typeText(item, path))
}

/** `durations`, but `shares, above 0 to 1` */
function plural(type: string): string {
  const [noun = '', ...rest] = type.split(', ')
  const many = noun === 'text' ? 'texts' : noun.includes('/') ? noun : `${noun}s`
  return [many, ...rest].join(', ')
}

function defaultCell({ default: value, required, shape }: KeyShape): string {
  if (required === 'required') return '**required**'
  if (value === undefined) return ''
  if (shape.kind === 'block' && typeof value === 'object') return ''
  return `\`${inline(value)}\``
}

function meaningCell({ description, example, default: fallback }: KeyShape): string {
  return example === undefined || fallback === example ? description : `${description} Example: \`${inline(example)}\``
}

/** @returns the value as it may stand in the file, on one line */
function inline(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trim()
}

/** Bars would end a table's cell. */
function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|')
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function depthOf(path: string): number {
  return path.split('.').length - 1
}

/** A link to a section's heading, whose anchor is the text in lower case without punctuation. */
function link(path: string, text = `\`${path}\``): string {
  return `[${text}](#${path
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-')})`
}
