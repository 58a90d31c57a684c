import importX from 'eslint-plugin-import-x'
import tseslint from 'typescript-eslint'

/** The floors of the house from the ground up; a file imports from its own floor and from those below. */
const floors = [['protocol'], ['storage'], ['homeserver', 'e2ee'], ['federation'], ['client-api']]

/** The top of the house lies in homeserver/ but above everything. */
const top = ['./homeserver/main.ts', './homeserver/context.ts', './homeserver/context', './homeserver/cli']
const homeserverBelowTheTop = ['./homeserver/!(cli|context)/**/*']

function targetsOf(folder) {
  return folder === 'homeserver' ? homeserverBelowTheTop : [`./${folder}`]
}

const zones = floors.flatMap((floor, level) =>
  floor.map((folder) => {
    const above = floors.slice(level + 1).flat()
    const beside = floor.filter((other) => other !== folder)
    const from = [...above, ...beside].map((name) => `./${name}`)
    return {
      target: targetsOf(folder),
      from: [...from, ...top],
      message: `Imports point down: ${folder}/ may not import from there. Name what it needs as an interface.`,
    }
  }),
)

export default tseslint.config(
  { ignores: ['node_modules/', 'data/', '.cache/', 'coverage/', 'docs/results/', 'spec-tests/results/'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true }],
    },
  },
  {
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver': { node: { extensions: ['.ts', '.js'] } } },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-default-export': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-lines': ['error', 500],
    },
  },
  { files: ['*.config.{js,ts}'], rules: { 'import-x/no-default-export': 'off' } },
)
