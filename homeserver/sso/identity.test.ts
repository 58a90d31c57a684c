import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isNewLocalpart } from '../../protocol/identifiers/user-id.ts'
import { toLocalpart } from './identity.ts'
import { isWhitelisted, readRedirectUrl } from './login-redirect.ts'

test('names become localparts as the specification maps them', () => {
  expect(['Alice', 'a b', 'Zoë', 'a=b', ''].map(toLocalpart)).toEqual([
    'alice',
    'a=20b',
    'zo=c3=ab',
    'a=3db',
    '',
  ])
})

test('every name becomes one that a user may have', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 15 }), (name) => {
      expect(isNewLocalpart(toLocalpart(name), 'a.example')).toBe(true)
    }),
  )
})

test.each([
  ['https://a.example/x', ['https://a.example/'], true],
  ['https://a.example/x', ['https://a.example'], true],
  ['https://a.example.evil.org/', ['https://a.example'], false],
  ['https://a.example@evil.org/', ['https://a.example'], false],
  ['http://a.example/', ['https://a.example/'], false],
  ['element://vector/x', ['element://vector'], true],
  ['https://a.example/', ['nonsense'], false],
])('%s with %j: %s', (url, whitelist, outcome) => {
  expect(isWhitelisted(new URL(url), whitelist)).toBe(outcome)
})

test.each(['https://a.example/', 'element://x', 'im.vector:/y', 'com.example.app:callback'])(
  '%s is fine',
  (url) => {
    expect(readRedirectUrl(url).href).toBe(url)
  },
)

test.each([
  undefined,
  '',
  '/path',
  'JavaScript:x',
  ' javascript:x',
  'java\tscript:x',
  'data:,x',
  'about:blank',
])('%j is refused', (url) => expect(() => readRedirectUrl(url)).toThrow())
