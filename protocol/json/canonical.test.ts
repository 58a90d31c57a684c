import canonicalJsonLibrary from 'canonical-json'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, CanonicalJsonError } from './canonical.ts'
import { parseJson } from './parse.ts'
import { type JsonValue, LosslessNumber } from './value.ts'

// Written from the grammar alone, byte by byte, to share nothing with the encoder under test.
function independentEncoding(value: unknown): Buffer {
  if (value === null || typeof value === 'boolean' || typeof value === 'number')
    return Buffer.from(`${String(value)}`)
  if (typeof value === 'string') {
    const named = new Map([
      [8, 'b'],
      [9, 't'],
      [10, 'n'],
      [12, 'f'],
      [13, 'r'],
      [34, '"'],
      [92, '\\'],
    ])
    const characters = [...value].map((character) => {
      const point = character.codePointAt(0) ?? 0
      const name = named.get(point)
      if (name !== undefined) return `\\${name}`
      return point < 0x20 ? `\\u${point.toString(16).padStart(4, '0')}` : character
    })
    return Buffer.from(`"${characters.join('')}"`)
  }
  const join = (parts: Buffer[]): Buffer =>
    Buffer.concat(parts.flatMap((part, i) => (i ? [Buffer.from(','), part] : [part])))
  if (Array.isArray(value))
    return Buffer.concat([Buffer.from('['), join(value.map(independentEncoding)), Buffer.from(']')])
  // UTF-8 bytes order as code points do.
  const entries = Object.entries(value as object).sort(([a], [b]) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  )
  const members = entries.map(([key, item]) =>
    Buffer.concat([independentEncoding(key), Buffer.from(':'), independentEncoding(item)]),
  )
  return Buffer.concat([Buffer.from('{'), join(members), Buffer.from('}')])
}

function jsonWith(string: fc.Arbitrary<string>): fc.Arbitrary<JsonValue> {
  const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, false),
      fc.maxSafeInteger(),
      string,
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(string, tie('value'), { maxKeys: 6 }),
    ),
  }))
  return value
}

describe('canonicalJson', () => {
  it('agrees with an independent encoder', () => {
    const awkward = fc.constantFrom(
      '__proto__',
      'constructor',
      '10',
      '9',
      '\u{1f600}',
      '\uff5e',
      '\u2028',
      '\u007f',
    )
    fc.assert(
      fc.property(jsonWith(fc.oneof(fc.string({ unit: 'binary' }), awkward)), (value) => {
        expect(Buffer.from(canonicalJson(value)).equals(independentEncoding(value))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('agrees with the canonical-json library on its domain', () => {
    const key = fc.string({ unit: 'grapheme-ascii' }).filter((text) => !/^\d+$|^__proto__$/.test(text))
    fc.assert(
      fc.property(jsonWith(key), (value) => {
        expect(canonicalJson(value)).toBe(canonicalJsonLibrary(value))
      }),
    )
  })

  it('leaves out keys of the outermost object only', () => {
    const value = { b: { a: 1 }, a: 1.5, c: [] }
    expect(canonicalJson(value, { omit: ['a', 'c'] })).toBe('{"b":{"a":1}}')
    expect(canonicalJson(value, { omit: ['a', 'b', 'c'] })).toBe('{}')
  })

  it('reads back to what it was made from', () => {
    fc.assert(
      fc.property(jsonWith(fc.string({ unit: 'binary' })), (value) => {
        const text = canonicalJson(value)
        expect(canonicalJson(parseJson(text))).toBe(text)
      }),
    )
  })

  it.each([
    ['{}', '{}'],
    ['{"one": 1, "two": "Two"}', '{"one":1,"two":"Two"}'],
    ['{"b":"2","a":"1"}', '{"a":"1","b":"2"}'],
    ['{"a": "日本語"}', '{"a":"日本語"}'],
    ['{"本": 2, "日": 1}', '{"日":1,"本":2}'],
    ['{"a": "\\u65E5"}', '{"a":"日"}'],
    ['{"a": null}', '{"a":null}'],
    ['{"a": -0}', '{"a":0}'],
    [
      '{"auth":{"success":true,"mxid":"@john.doe:example.com","profile":{"display_name":"John Doe",' +
        '"three_pids":[{"medium":"email","address":"john.doe@example.org"},{"medium":"msisdn","address":"123456789"}]}}}',
      '{"auth":{"mxid":"@john.doe:example.com","profile":{"display_name":"John Doe",' +
        '"three_pids":[{"address":"john.doe@example.org","medium":"email"},{"address":"123456789","medium":"msisdn"}]},' +
        '"success":true}}',
    ],
  ])('encodes the example of the specification %s', (text, canonical) => {
    expect(canonicalJson(parseJson(text))).toBe(canonical)
  })

  it.each([
    '1.0',
    '1e3',
    '1.5',
    '9007199254740992',
    '-9007199254740992',
    '{"a":1,"a":1}',
    '[{"b":{"a":1,"a":2}}]',
  ])('refuses %s in the strict form', (text) => {
    expect(() => canonicalJson(parseJson(text))).toThrow(CanonicalJsonError)
    expect(() => canonicalJson(parseJson(text), { strict: false })).not.toThrow()
  })

  it.each([
    ['lone surrogate', '\ud800'],
    ['lone surrogate in a key', { '\udc00': 1 }],
    ['infinite', Infinity],
    ['not a number', NaN],
    ['infinite when read', new LosslessNumber('1e400')],
  ])('refuses in both forms: %s', (_, value: JsonValue) => {
    expect(() => canonicalJson(value)).toThrow(CanonicalJsonError)
    expect(() => canonicalJson(value, { strict: false })).toThrow(CanonicalJsonError)
  })

  it('refuses too deep nesting without running out of stack', () => {
    let value: JsonValue = []
    for (let level = 0; level < 200_000; level++) value = [value]
    expect(() => canonicalJson(value)).toThrow(CanonicalJsonError)
  })

  // Right column: what Python 3 prints for json.dumps(json.loads(text)).
  it.each([
    ['1.0', '1.0'],
    ['1e3', '1000.0'],
    ['1.50', '1.5'],
    ['-0.0', '-0.0'],
    ['-0', '0'],
    ['1e15', '1000000000000000.0'],
    ['1e16', '1e+16'],
    ['123456789012345678.0', '1.2345678901234568e+17'],
    ['1e22', '1e+22'],
    ['0.0001', '0.0001'],
    ['0.00001', '1e-05'],
    ['-1.25e-7', '-1.25e-07'],
    ['5e-324', '5e-324'],
    ['1.7976931348623157e308', '1.7976931348623157e+308'],
    ['0.1', '0.1'],
    ['9007199254740993', '9007199254740993'],
    ['-123456789012345678901234567890', '-123456789012345678901234567890'],
  ])('prints %s as Python does in the lenient form', (text, python) => {
    expect(canonicalJson(parseJson(text), { strict: false })).toBe(python)
  })
})
