import { type Check, ok, warn } from './check.ts'

const documents = ['forecasts', 'stacks', 'prescale.yaml'] as const

/** Plans are reviewed in Git: what is not committed was not reviewed. */
export const gitCheck: Check = {
  name: 'git',
  look: async ({ run }) => {
    const output = await run('git', ['status', '--porcelain', '--', ...documents], {})
    if (output.code === undefined) return [warn('git', 'git does not run', 'install git: plans are reviewed and kept there')]
    if (output.code !== 0) return [warn('git', 'the project is not in a git repository', 'git init && git add . && git commit')]
    const changed = output.stdout.split('\n').filter((line) => line !== '')
    if (changed.length === 0) return [ok('git', `${documents.join(', ')} are committed`)]
    const shown = changed
      .slice(0, 3)
      .map((line) => line.slice(3))
      .join(', ')
    return [
      warn(
        'git',
        `not committed: ${shown}${changed.length > 3 ? ` and ${changed.length - 3} more` : ''}`,
        `review with git diff -- ${documents.join(' ')}, then commit`,
      ),
    ]
  },
}
