import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

const printing = ['src/cli/**', 'scripts/**', 'bin/**', 'bench/**']

export default defineConfig(
  globalIgnores(['node_modules/', '.prescale/', 'dist/']),
  tseslint.configs.strict,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-console': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true, namedFrom: true, namespaceFrom: true } }],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Write a union of literals instead of an enum.' },
        { selector: 'TSModuleDeclaration[kind=namespace]', message: 'A module is a file; Node cannot strip namespaces.' },
      ],
      // a record without a key is made by deleting it
      '@typescript-eslint/no-dynamic-delete': 'off',
      eqeqeq: 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // what a promise means and whether a switch is complete can only be told with types
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: [{ from: 'package', name: ['test', 'suite', 'describe', 'it'], package: 'node:test' }] }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  { files: printing, rules: { 'no-console': 'off' } },
  // a policy pack is a CommonJS package of its own, which the engine's host loads without types
  {
    files: ['policy/**'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { projectService: false } },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  { files: ['eslint.config.mjs'], rules: { 'no-restricted-exports': 'off' } },
)
