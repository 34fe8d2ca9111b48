import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** How a command ended and what it printed. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The checkout's demo project in a folder of its own, driven through the command line only. */
export interface PrescaleProject extends AsyncDisposable {
  readonly directory: string
  prescale(...words: readonly string[]): Promise<Ended>
  /** Ends the command with a signal as soon as `when` is true of what stands in the folder. */
  interrupted(words: readonly string[], when: () => boolean): Promise<Ended>
  /** Names and texts of the files that people review. */
  documents(): ReadonlyMap<string, string>
  /** Writes another prescale.yaml, made from the demo's. */
  settings(change: (text: string) => string): void
}

export function aPrescaleProject(env: Readonly<Record<string, string>> = {}): PrescaleProject {
  const directory = mkdtempSync(join(tmpdir(), 'prescale-flow-'))
  for (const name of ['node_modules', 'src', 'package.json']) symlinkSync(join(root, name), join(directory, name))
  for (const name of ['data', 'index.ts', 'Pulumi.yaml', 'prescale.yaml', 'catalogue.yaml']) cpSync(join(root, name), join(directory, name), { recursive: true })
  const start = (words: readonly string[]): ReturnType<typeof spawn> =>
    spawn(process.execPath, [join(root, 'bin', 'prescale.mjs'), ...words], { cwd: directory, env: { ...process.env, NO_COLOR: '1', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  return {
    directory,
    prescale: (...words) => ending(start(words)),
    interrupted: async (words, when) => {
      const child = start(words)
      const timer = setInterval(() => {
        if (!when()) return
        clearInterval(timer)
        child.kill('SIGINT')
      }, 20)
      try {
        return await ending(child)
      } finally {
        clearInterval(timer)
      }
    },
    documents: () =>
      new Map(
        ['forecasts', 'stacks']
          .flatMap((folder) => readdirSync(join(directory, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
          .filter((name) => /\.(yaml|svg)$/.test(name))
          .sort()
          .map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
      ),
    settings: (change) => writeFileSync(join(directory, 'prescale.yaml'), change(readFileSync(join(root, 'prescale.yaml'), 'utf8'))),
    [Symbol.asyncDispose]: async () => {
      rmSync(directory, { recursive: true, force: true })
      await Promise.resolve()
    },
  }
}

function ending(child: ReturnType<typeof spawn>): Promise<Ended> {
  let [stdout, stderr] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}
