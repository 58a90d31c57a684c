/**
 * Says whether a test that needs more than npm packages can run, for `describe.skipIf` and `test.skipIf`. Prints
 * one line when it cannot.
 *
 * @param what what the test needs, with how to get it.
 * @returns true when the test must be skipped.
 * @throws Error under REQUIRE_ALL=1, where a skip is a failure.
 */
export function requireOrSkip(what: string, available: boolean): boolean {
  if (available) return false
  if (process.env['REQUIRE_ALL'] === '1') throw new Error(`REQUIRE_ALL is set and this is missing: ${what}`)
  process.stderr.write(`skipped, missing: ${what}\n`)
  return true
}
