import { expect } from 'vitest'

/** What a failure inside gives away when it is told to a caller. */
const INSIDES =
  /\bat \S+ \(|\.ts:\d|node_modules|node:internal|postgres|syntax error|violates|invalid byte sequence|SELECT |INSERT |TypeError|RangeError/i

/** Expects an answer that is no failure of the server and tells nothing of its insides. */
export function expectSound(asked: string, status: number, text: string): void {
  expect(status, `${asked} was answered ${status} ${text}`).toBeLessThan(500)
  expect(text, asked).not.toMatch(INSIDES)
  // Pages for people say in words what is wrong.
  if (status >= 400 && !/^<!doctype html>/i.test(text)) {
    // What asks for a further stage of authentication is no error (client-server API, "User-interactive API").
    const told = expect.toSatisfy(isErrorOrChallenge)
    expect(JSON.parse(text), `${asked} was answered ${status} ${text}`).toEqual(told)
  }
}

function isErrorOrChallenge(body: object): boolean {
  if ('errcode' in body) return /^[A-Z_.]+$/.test(String(body.errcode))
  // OAuth 2.0 has a form of its own (RFC 6749, section 5.2).
  if ('error' in body) return /^[a-z_]+$/.test(String(body.error))
  return 'flows' in body && 'session' in body
}
