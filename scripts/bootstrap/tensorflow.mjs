import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cachedFolder } from './cached-folder.mjs'
import { outputOf, runLogged } from './command.mjs'
import { needed } from './go-tool.mjs'
import { cacheFolder, linkTo, root, runtimeNode } from './places.mjs'
import { SetUpError } from './set-up-error.mjs'

const packageFolder = join(root, 'node_modules', '@tensorflow', 'tfjs-node')
const addon = join(packageFolder, 'lib', 'napi-v8', 'tfjs_binding.node')
/** Says which addon was seen to load, so that the next run need not load 600 MB to know. */
const seen = join(packageFolder, 'lib', 'napi-v8', 'loads')
const requirements = join(root, 'tools', 'tensorflow', 'requirements.txt')

/** @returns what tells this addon from another */
function addonIdentity() {
  const found = statSync(addon, { throwIfNoEntry: false })
  return found === undefined ? undefined : `${found.ino} ${found.size} ${found.mtimeMs}`
}

/** @returns {Promise<boolean>} whether Node can load the addon and its library */
async function loads() {
  const identity = addonIdentity()
  if (identity === undefined) return false
  if (existsSync(seen) && readFileSync(seen, 'utf8') === identity) return true
  const answer = await outputOf(runtimeNode() ?? process.execPath, ['-e', `require(${JSON.stringify(addon)}); console.log('loads')`])
  if (answer !== 'loads') return false
  writeFileSync(seen, identity)
  return true
}

/** Takes of the wheel only what is linked against: the libraries, and the headers that declare them. */
const unpack = `
import os, shutil, sys, zipfile
wheel, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        parts = name.split('/')
        if name.startswith('tensorflow/libtensorflow') and '.so' in name:
            out = os.path.join(target, 'lib', parts[-1])
        elif name.startswith('tensorflow/include/') and name.endswith('.h') and parts[2] in ('tensorflow', 'tsl', 'xla'):
            out = os.path.join(target, 'include', *parts[2:])
        else:
            continue
        os.makedirs(os.path.dirname(out), exist_ok=True)
        with archive.open(name) as source, open(out, 'wb') as file:
            shutil.copyfileobj(source, file, 1 << 20)
`

/**
 * TensorFlow's C library comes with its Python wheel; the addon is compiled against it.
 * @param {string} folder
 * @param {string} log
 */
async function build(folder, log) {
  const what = 'TensorFlow for tfjs-node'
  const compiler = needed(process.env.CXX?.split(' ')[0] ?? 'g++', what, 'install a C++ compiler (on Debian: apt-get install g++), then try again')
  const python = needed(process.env.PYTHON ?? 'python3', what, 'install Python 3 with pip (on Debian: apt-get install python3-pip), then try again')
  const next = 'mend what the log shows; without TensorFlow the forecast runs on WebAssembly'
  const download = join(folder, 'download')
  const wheel = ['--only-binary=:all:', '--implementation', 'cp', '--python-version', '3.11', '--platform', 'manylinux2014_x86_64', '--platform', 'manylinux_2_17_x86_64']
  const checked = ['--no-deps', '--require-hashes', '-r', requirements]
  await runLogged(python, ['-m', 'pip', 'download', '-q', '--no-cache-dir', '--disable-pip-version-check', ...checked, ...wheel, '-d', download], {
    log, next, what: 'downloading the TensorFlow wheel',
  })
  const file = readdirSync(download).find((name) => name.endsWith('.whl'))
  if (file === undefined) throw new SetUpError('pip downloaded no TensorFlow wheel', { next, log })
  await runLogged(python, ['-c', unpack, join(download, file), folder], { log, next, what: 'unpacking the TensorFlow wheel' })
  rmSync(download, { recursive: true })
  const headers = join(root, 'node_modules', 'node-api-headers', 'include')
  const flags = ['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION', '-DNODE_GYP_MODULE_NAME=tfjs_binding']
  const sources = ['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc']
  const libraries = [`-L${join(folder, 'lib')}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', '-Wl,-rpath,$ORIGIN/lib']
  const includes = [`-I${headers}`, `-I${join(folder, 'include')}`, '-I.']
  await runLogged(compiler, [...flags, ...includes, ...sources, '-o', join(folder, 'tfjs_binding.node'), ...libraries], {
    log, next, cwd: packageFolder, what: 'compiling the tfjs-node addon',
  })
  rmSync(join(folder, 'include'), { recursive: true })
}

/**
 * Makes `@tensorflow/tfjs-node` loadable: its own install step may have done it already; else the addon comes from the cache, else it is
 * built (Linux x64).
 * @param {import('./progress.mjs').Step} step
 * @param {Promise<unknown>} packages settles when node_modules is complete
 * @returns {Promise<{ kind: 'native', version: string } | { kind: 'wasm', why: string }>} wasm: prescale computes with WebAssembly, slower
 * @throws {SetUpError}
 */
export async function findTensorflow(step, packages) {
  const version = /^tensorflow-cpu==(\S+)/m.exec(readFileSync(requirements, 'utf8'))?.[1]
  if (version === undefined) throw new Error('tools/tensorflow/requirements.txt pins no tensorflow-cpu')
  const native = /** @type {const} */ ({ kind: 'native', version })
  await packages
  if (!existsSync(packageFolder)) return { kind: 'wasm', why: 'the optional package @tensorflow/tfjs-node is not installed' }
  if (await loads()) return native
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { kind: 'wasm', why: `TensorFlow is not built here for ${process.platform} ${process.arch}` }
  }
  const bindingVersion = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).optionalDependencies['@tensorflow/tfjs-node']
  const folder = join(cacheFolder, 'tensorflow', `${version}-tfjs-node-${bindingVersion}`)
  await cachedFolder(
    folder,
    async (partial) => {
      step.begin(`downloading TensorFlow ${version} (230 MB)`, '1 min')
      const log = join(cacheFolder, 'logs', `tensorflow-${version}.log`)
      rmSync(log, { force: true })
      await build(partial, log)
    },
    () => step.begin('waiting for another process that is getting TensorFlow'),
  )
  linkTo(join(folder, 'tfjs_binding.node'), addon)
  if (!(await loads())) {
    throw new SetUpError('the tfjs-node addon was built but does not load', { next: `delete ${folder}, then try again` })
  }
  return native
}
