import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT, type DeclaredEndpoint } from './declared-endpoints.ts'
import type { EndpointUse } from './recording.ts'

/** What the last recordings said, so that the table can be written without running every test. */
export const TESTED_BY_FILE = join(import.meta.dirname, 'tested-by.tsv')

/** The table names so many tests of an endpoint. */
const NAMED_TESTS = 2

/** Test files by endpoint, `GET /_matrix/…/:roomId`. */
export type TestedBy = ReadonlyMap<string, readonly string[]>

/** Reads the committed file; tests that are gone are left out. */
export function readTestedBy(): TestedBy {
  if (!existsSync(TESTED_BY_FILE)) return new Map()
  const lines = readFileSync(TESTED_BY_FILE, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
  return new Map(
    lines.map((line) => {
      const [endpoint, ...tests] = line.split('\t')
      return [endpoint!, tests.filter((test) => existsSync(join(ROOT, test)))]
    }),
  )
}

/** The text of the file. */
export function testedByText(testedBy: TestedBy): string {
  const lines = [...testedBy].filter(([, tests]) => tests.length > 0).map((entry) => entry.flat().join('\t'))
  return `${lines.sort().join('\n')}\n`
}

/**
 * The tests of each endpoint: those that a recording saw succeed with it, the nearest first, then those known before.
 */
export function mergeRecording(
  endpoints: readonly DeclaredEndpoint[],
  recorded: readonly EndpointUse[],
  former: TestedBy,
): TestedBy {
  return new Map(
    endpoints.map(({ method, pattern, file }) => {
      const name = `${method} ${pattern}`
      const seen = recorded
        .filter(({ endpoint, successes }) => endpoint === name && successes > 0)
        .sort((a, b) => distance(a.test, file) - distance(b.test, file) || b.successes - a.successes)
        .map(({ test }) => test)
      return [name, [...new Set([...seen, ...(former.get(name) ?? [])])].slice(0, NAMED_TESTS)]
    }),
  )
}

/** How far a test is from what it tests: in its folder, elsewhere, or sending anything to everything. */
function distance(test: string, file: string): number {
  if (dirname(test) === dirname(file)) return 0
  return test.includes('/hostile/') ? 2 : 1
}
