import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasDuplicateKeys } from './duplicate-keys.ts'
import { JsonSyntaxError, parseJson } from './parse.ts'
import { parseExactly } from './parse-exactly.ts'
import { isJsonObject, type JsonObject, type JsonValue, LosslessNumber, ownValue } from './value.ts'

function parseObject(text: string): JsonObject {
  const value = parseJson(text)
  if (!isJsonObject(value)) throw new Error('not an object')
  return value
}

describe('parseJson', () => {
  it('agrees with JSON.parse, compact or not, where numbers are safe integers', () => {
    const value = fc.jsonValue({ noUnicodeString: false, stringUnit: 'binary' })
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1, '\t'), (json, indent) => {
        const integers = JSON.parse(JSON.stringify(json), (_, item: unknown) =>
          typeof item === 'number' ? Math.trunc(item % 2 ** 53) + 0 : item,
        ) as JsonValue
        const text = JSON.stringify(integers, undefined, indent)
        expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(integers))
        expect(JSON.stringify(parseExactly(text))).toBe(JSON.stringify(integers))
      }),
    )
  })

  it.each([
    '1.0',
    '1e3',
    '1E3',
    '1.5',
    '-0.0',
    '0e0',
    '1e400',
    '1e+21',
    '9007199254740992',
    '-9007199254740992',
    '9223372036854775807',
    '123456789012345678901234567890',
  ])('keeps the text of %s', (text) => {
    expect(parseJson(text)).toEqual(new LosslessNumber(text))
    expect(JSON.stringify(parseJson(`{"a":[${text}]}`))).toBe(`{"a":[${text}]}`)
  })

  it.each([
    ['-0', 0],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254740991', Number.MIN_SAFE_INTEGER],
    ['1234567890123456', 1234567890123456],
  ])('reads %s as a number', (text, number) => {
    expect(Object.is(parseJson(text), number)).toBe(true)
  })

  it('marks the object that names a key twice, and keeps the last value', () => {
    const outer = parseObject('{"a":{"b":1,"\\u0062":2},"c":{"b":1}}')
    const [a, c] = [ownValue(outer, 'a'), ownValue(outer, 'c')]
    if (!isJsonObject(a) || !isJsonObject(c)) throw new Error('not objects')
    expect(ownValue(a, 'b')).toBe(2)
    expect([outer, a, c].map(hasDuplicateKeys)).toEqual([false, true, false])
  })

  it('treats __proto__ and constructor as ordinary keys', () => {
    for (const key of ['__proto__', '\\u005f_proto__', 'constructor']) {
      const object = parseObject(`{"${key}":{"polluted":1}}`)
      expect(Object.keys(object)).toEqual([JSON.parse(`"${key}"`)])
      expect(ownValue(object, 'polluted')).toBeUndefined()
      expect(object['polluted']).toBeUndefined()
    }
    expect(hasDuplicateKeys(parseObject('{"__proto__":1,"__proto__":2}'))).toBe(true)
  })

  it('keeps lone surrogates and U+0000', () => {
    expect(parseJson('"\\ud800"')).toBe('\ud800')
    expect(parseJson('"a\\u0000b"')).toBe('a\u0000b')
  })

  it.each([
    '',
    ' ',
    'NaN',
    '-',
    '01',
    '+1',
    '1.',
    '.5',
    '[1,]',
    '{"a":1,}',
    "{'a':1}",
    '"\n"',
    '\ufeff{}',
    '{}{}',
    '"',
  ])('refuses %j', (text) => {
    expect(() => parseJson(text)).toThrow(JsonSyntaxError)
    expect(() => parseJson(Buffer.from(text))).toThrow(JsonSyntaxError)
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow(JsonSyntaxError)
    expect(() => parseJson(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]))).toThrow(JsonSyntaxError)
  })

  it('accepts 1,000 levels and refuses more, however many', () => {
    for (const space of ['', ' ']) {
      expect(() => parseJson(space + '['.repeat(1000) + ']'.repeat(1000))).not.toThrow()
      for (const levels of [1001, 10_000, 200_000, 6_000_000]) {
        expect(() => parseJson(space + '['.repeat(levels) + ']'.repeat(levels))).toThrow(JsonSyntaxError)
        expect(() => parseJson(space + '{"a":'.repeat(levels))).toThrow(JsonSyntaxError)
      }
    }
  })

  it('is not led astray by brackets, digits and quotes inside strings', () => {
    const text = JSON.stringify([`${'['.repeat(2000)}\\"12345678901234567890.5e1\\\\`, '\\', 1])
    expect(JSON.stringify(parseJson(text))).toBe(text)
    expect(JSON.stringify(parseJson(` ${text}`))).toBe(text)
  })

  it('reads 100,000 small keys on the exact path', () => {
    const text = `{${Array.from({ length: 100_000 }, (_, index) => `"k${index}": 1`).join(', ')}}`
    expect(Object.keys(parseObject(text))).toHaveLength(100_000)
  })
})
