import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, sourceFiles } from './declared-endpoints.ts'
import type { Operation } from './operations.ts'

/** Where the server's code calls operations of others, and the tests that speak of them. */
export class OutboundCalls {
  readonly #sources = textsOf(sourceFiles())
  readonly #tests = textsOf(
    globSync('{client-api,federation,homeserver,spec-tests,e2ee}/**/*.test.ts', { cwd: ROOT }),
  )

  /** The file that holds the operation's path, up to its first parameter. */
  callerOf({ path }: Operation): string | undefined {
    return this.#sources.find(([, text]) => text.includes(fixedPart(path)))?.[0]
  }

  /** The test files that hold it. */
  testsOf({ path }: Operation): string[] {
    return this.#tests.filter(([, text]) => text.includes(fixedPart(path))).map(([file]) => file)
  }
}

function fixedPart(path: string): string {
  return path.split('{', 1)[0]!
}

function textsOf(files: readonly string[]): [file: string, text: string][] {
  return files.toSorted().map((file) => [file, readFileSync(join(ROOT, file), 'utf8')])
}
