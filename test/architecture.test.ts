import assert from 'node:assert/strict'
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative, sep } from 'node:path'
import { test } from 'node:test'
import ts from 'typescript'

const root = join(import.meta.dirname, '..')

interface Layer {
  /** Folders of src whose code it may run. */
  readonly runs: readonly string[]
  /** Folders of src that it may only take types from. */
  readonly types?: readonly string[]
  /** Packages, or sub-paths of packages, that it may import. */
  readonly packages?: readonly string[]
}

/** A step of the flow stands on the nouns alone; what the settings look like it knows as types. */
const step = (...packages: readonly string[]): Layer => ({ runs: ['domain'], types: ['config'], packages })

/** Who may import what. */
const layers: Readonly<Record<string, Layer>> = {
  domain: { runs: [] },
  documents: { runs: ['domain'], packages: ['yaml'] },
  config: { runs: ['domain', 'documents'], packages: ['croner', 'yaml', 'zod'] },
  history: step('@influxdata/influxdb-client'),
  events: step('ical.js', 'yaml'),
  forecast: step('@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm', '@tensorflow/tfjs-node'),
  plan: step('highs'),
  // the engine runs the same program in-process that `pulumi up` runs
  reconcile: { runs: ['domain', 'pulumi'], types: ['config'], packages: ['@pulumi/pulumi/automation'] },
  observe: step(),
  replay: step(),
  pulumi: { runs: ['domain', 'documents'], packages: ['@pulumi/pulumi', '@pulumi/aws', '@pulumi/gcp', '@pulumi/azure-native'] },
  store: { runs: ['domain'], packages: ['pg'] },
  sandbox: {
    runs: ['domain'],
    types: ['config'],
    packages: ['@grpc/grpc-js', '@pulumi/pulumi/proto', 'croner', 'google-protobuf', 'yaml', 'zod'],
  },
  app: {
    packages: ['croner'],
    runs: ['domain', 'documents', 'config', 'history', 'events', 'forecast', 'plan', 'reconcile', 'observe', 'replay', 'store', 'sandbox'],
  },
  // what a surface prints it knows as types
  cli: { runs: ['app', 'domain'], types: ['history', 'forecast', 'plan', 'reconcile', 'observe', 'replay', 'sandbox'] },
}

/** Libraries without a system behind them; every other package is a client of one and has one home. */
const libraries = new Set(['croner', 'yaml', 'zod'])

interface Import {
  readonly specifier: string
  readonly kind: 'runs' | 'types'
}

/** Every import of a file, `import()` and re-exports too; of a computed `import()` the constant beginning. */
function importsOf(source: ts.SourceFile): Import[] {
  const found: Import[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const clause = node.importClause
      const named = clause?.namedBindings
      const eachIsType = clause?.name === undefined && named !== undefined && ts.isNamedImports(named) && named.elements.every((element) => element.isTypeOnly)
      const isType = clause?.phaseModifier === ts.SyntaxKind.TypeKeyword || eachIsType
      found.push({ specifier: node.moduleSpecifier.text, kind: isType ? 'types' : 'runs' })
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined && ts.isStringLiteral(node.moduleSpecifier)) {
      found.push({ specifier: node.moduleSpecifier.text, kind: node.isTypeOnly ? 'types' : 'runs' })
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
      found.push({ specifier: node.argument.literal.text, kind: 'types' })
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments
      if (argument !== undefined && ts.isStringLiteralLike(argument)) found.push({ specifier: argument.text, kind: 'runs' })
      else if (argument !== undefined && ts.isTemplateExpression(argument)) found.push({ specifier: argument.head.text, kind: 'runs' })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const parse = (text: string, file: string): ts.SourceFile => ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)

interface SourceFile {
  /** From the checkout's root, with slashes. */
  readonly file: string
  /** First folder under src. */
  readonly layer: string
  readonly parsed: ts.SourceFile
}

const sources: readonly SourceFile[] = globSync('src/**/*.ts', { cwd: root })
  .map((name) => name.split(sep).join('/'))
  .sort()
  .map((file) => ({ file, layer: file.split('/')[1] ?? '', parsed: parse(readFileSync(join(root, file), 'utf8'), file) }))

/** @returns what the import goes to: `domain`, or a package with its sub-path; undefined for Node itself */
function targetOf(file: string, { specifier }: Import): { readonly layer: string } | { readonly package: string } | undefined {
  if (specifier.startsWith('node:')) return undefined
  if (!specifier.startsWith('.')) return { package: specifier }
  const [top, layer] = relative(root, join(root, file, '..', specifier)).split(sep)
  return { layer: top === 'src' && layer !== undefined ? layer : `outside src (${specifier})` }
}

const isOf = (imported: string, allowed: string): boolean => imported === allowed || imported.startsWith(`${allowed}/`)

/** @returns one sentence per import that the layer of the file does not allow */
function trespasses(file: string, layer: string, imports: readonly Import[]): string[] {
  const rule = layers[layer]
  if (rule === undefined) return [`${file} is in a folder that no rule speaks of: ${layer}`]
  return imports.flatMap((imported) => {
    const target = targetOf(file, imported)
    if (target === undefined) return []
    if ('package' in target) {
      return rule.packages?.some((allowed) => isOf(target.package, allowed)) === true ? [] : [`${file} imports the package ${target.package}`]
    }
    const allowed = target.layer === layer || rule.runs.includes(target.layer) || (imported.kind === 'types' && rule.types?.includes(target.layer) === true)
    return allowed ? [] : [`${file} imports ${imported.kind === 'types' ? 'types of ' : ''}${target.layer} (${imported.specifier})`]
  })
}

test('every folder of src imports only what its place in the flow allows', () => {
  assert.deepEqual(sources.flatMap(({ file, layer, parsed }) => trespasses(file, layer, importsOf(parsed))), [])
})

test('the import rules see a step that imports another, however it is written', () => {
  const text = `
    import { forecastDemand } from '../forecast/forecast-demand.ts'
    import type { Settings } from '../config/schema.ts'
    import { type Settings as Also, loadSettings } from '../config/load-settings.ts'
    import { readFileSync } from 'node:fs'
    import { z } from 'zod'
    export { solve } from '../plan/solve.ts'
    type Solver = import('../plan/solve.ts').Solver
    const late = await import('../reconcile/cycle.ts')
    const any = await import(\`../app/\${name}.ts\`)
    const own = await import('./csv/read.ts')`
  assert.deepEqual(trespasses('src/history/made-up.ts', 'history', importsOf(parse(text, 'made-up.ts'))), [
    'src/history/made-up.ts imports forecast (../forecast/forecast-demand.ts)',
    'src/history/made-up.ts imports config (../config/load-settings.ts)',
    'src/history/made-up.ts imports the package zod',
    'src/history/made-up.ts imports plan (../plan/solve.ts)',
    'src/history/made-up.ts imports types of plan (../plan/solve.ts)',
    'src/history/made-up.ts imports reconcile (../reconcile/cycle.ts)',
    'src/history/made-up.ts imports app (../app/)',
  ])
})

test('the client of a foreign system has one home', () => {
  const homes = Map.groupBy(
    Object.entries(layers).flatMap(([layer, { packages }]) => (packages ?? []).map((name) => ({ layer, name }))),
    ({ name }) => name,
  )
  assert.deepEqual([...homes].filter(([name, found]) => found.length > 1 && !libraries.has(name)).map(([name]) => name), [])
})

test('the Pulumi program at the root imports src/pulumi and the Pulumi SDK, nothing else', () => {
  const imported = importsOf(parse(readFileSync(join(root, 'index.ts'), 'utf8'), 'index.ts')).map(({ specifier }) => specifier)
  assert.deepEqual(imported.filter((specifier) => !specifier.startsWith('./src/pulumi/') && specifier !== '@pulumi/pulumi'), [])
})

/** Folders that stand at the edge: they may ask the machine. */
const edges = new Set(['app', 'cli', 'sandbox'])
const randomness = new Set(['getRandomValues', 'randomBytes', 'randomFillSync', 'randomInt', 'randomUUID'])

/** @returns what the code asks of the machine: its environment, its clock, its randomness */
function askedOfTheMachine(source: ts.SourceFile): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && ['process.env', 'process.argv', 'Date.now', 'Math.random'].includes(node.getText(source))) {
      found.push(node.getText(source))
    } else if (ts.isNewExpression(node) && node.expression.getText(source) === 'Date' && (node.arguments ?? []).length === 0) {
      found.push('new Date()')
    } else if (ts.isIdentifier(node) && randomness.has(node.text)) {
      found.push(node.text)
    } else if (ts.isImportSpecifier(node) && node.parent.parent.parent.moduleSpecifier.getText(source) === "'node:process'") {
      found.push(`node:process ${node.name.text}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

test('only the edges ask the machine for its environment, its clock or its randomness', () => {
  const asks = sources.filter(({ layer }) => !edges.has(layer)).flatMap(({ file, parsed }) => askedOfTheMachine(parsed).map((what) => `${file} uses ${what}`))
  assert.deepEqual(asks, [])
})

test('asking the machine is seen however it is written', () => {
  const text = `
    import { env } from 'node:process'
    import { randomUUID } from 'node:crypto'
    const a = process.env.HOME, b = process.env['HOME'], c = Date.now(), d = new Date(), e = new Date(0), f = [1].map(Math.random)`
  assert.deepEqual(askedOfTheMachine(parse(text, 'made-up.ts')), [
    'node:process env', 'randomUUID', 'process.env', 'process.env', 'Date.now', 'new Date()', 'Math.random',
  ])
})

/** Folders of the checkout that are not part of the project. */
const foreign = new Set(['.git', '.prescale', 'node_modules', 'dist'])

/** @returns every file of the project, from the checkout's root */
function projectFiles(folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return foreign.has(entry.name) ? [] : projectFiles(path)
    return entry.isFile() ? [path] : []
  })
}

/** @returns the file's text; undefined for a file that holds none */
function textOf(file: string): string | undefined {
  const bytes = readFileSync(join(root, file))
  return bytes.subarray(0, 8_000).includes(0) ? undefined : bytes.toString('utf8')
}

test('no file of the project names a path of one machine', () => {
  const machinePath = /(?<![\w.*$}/-])\/(?:work|root|tmp|home\/\w+|Users\/\w+)\/[\w.-]+/
  const named = projectFiles().flatMap((file) => {
    const found = machinePath.exec(textOf(file) ?? '')
    return found === null ? [] : [`${file}: ${found[0]}`]
  })
  assert.deepEqual(named, [])
})

test('package-lock.json pins by content and names no registry', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, { resolved?: string; integrity?: string }>>
  }
  const installed = Object.entries(packages).filter(([path]) => path !== '')
  assert.deepEqual(installed.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path), [])
  assert.deepEqual(installed.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path), [])
})

test('files and folders of code are in kebab-case and named after what they hold', () => {
  const empty = new Set(['common', 'helper', 'helpers', 'manager', 'misc', 'service', 'shared', 'util', 'utils'])
  const named = projectFiles().filter((file) => /^(?:src|test|bench|scripts|bin)\//.test(file.split(sep).join('/')) && /\.(?:ts|mjs)$/.test(file))
  const faults = named.filter((file) => {
    const parts = [...file.split(sep).slice(0, -1), basename(file).replace(/(?:\.test)?\.(?:ts|mjs)$/, '')]
    return parts.some((part) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(part) || empty.has(part))
  })
  assert.deepEqual(faults, [])
})
