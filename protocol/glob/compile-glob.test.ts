import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileGlob, containsWords } from './compile-glob.ts'

describe('whole text', () => {
  it.each([
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['?', '', false],
    ['?', '😀', true],
    ['??', '😀', false],
    ['a*c', 'abc', true],
    ['a*c', 'ac', true],
    ['a*c', 'acd', false],
    ['*.example.org', 'a.b.example.org', true],
    ['*.example.org', 'example.org', false],
    ['a**b', 'a-b', true],
    ['ab*ba', 'aba', false],
    ['*?b', 'ab', true],
    ['*?b', 'b', false],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['*a?😀?', 'aaa😀x', true],
  ])('%j against %j is %j', (pattern, text, expected) => {
    expect(compileGlob(pattern)(text)).toBe(expected)
  })

  it('ignores case only when asked to', () => {
    expect(compileGlob('LUNC?*')('lunch')).toBe(false)
    expect(compileGlob('LUNC?*', { ignoreCase: true })('lunch plans')).toBe(true)
  })

  it('agrees with a regular expression on short inputs', () => {
    const alphabet = fc.constantFrom('a', 'b', '?', '*', '😀')
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '😀'), maxLength: 8 })
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 6 }), text, (pattern, subject) => {
        const source = pattern.replaceAll('*', '.*').replaceAll('?', '.')
        expect(compileGlob(pattern)(subject)).toBe(new RegExp(`^${source}$`, 'su').test(subject))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('words', () => {
  const matches = (pattern: string, text: string): boolean =>
    compileGlob(pattern, { words: true, ignoreCase: true })(text)

  it.each([
    ['ex*ple', 'An example event.', true],
    ['ex*ple', 'exple', true],
    ['ex*ple', 'An exciting triple-whammy', true],
    ['ex*ple', 'hexample', false],
    ['cake', 'I like CAKE!', true],
    ['cake', 'cakes', false],
    ['cake', 'cakes and cake', true],
    ['cake*lie', 'the cake is a lie', true],
    ['@room', 'hello @room', true],
    ['@room', 'hello@room', true],
    ['@room', '@rooms', false],
    ['c?ke', 'cokes, cake', true],
    ['foo', 'foo_bar', false],
    ['foo', 'fooébar', true],
  ])('%j in %j is %j', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected)
  })

  it('agrees with a regular expression on short inputs', () => {
    const alphabet = fc.constantFrom('a', '-', '?', '*')
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 8 })
    fc.assert(
      fc.property(fc.string({ unit: alphabet, minLength: 1, maxLength: 6 }), text, (pattern, subject) => {
        const source = pattern.replaceAll('*', '.*').replaceAll('?', '.')
        const oracle = new RegExp(`(?:^|(?<=\\W)|(?=\\W|$))(?:${source})(?:$|(?=\\W)|(?<=\\W|^))`, 's')
        expect(matches(pattern, subject)).toBe(oracle.test(subject))
      }),
      { numRuns: 2000 },
    )
  })

  it('takes wildcards of a literal literally', () => {
    expect(containsWords('is it a*b?', 'a*b?')).toBe(true)
    expect(containsWords('is it aab', 'a*b')).toBe(false)
  })
})

describe('long pieces', () => {
  it('finds a piece of more than 32 characters, wildcards included', () => {
    const piece = `${'a'.repeat(40)}?${'b'.repeat(30)}`
    const found = `${'a'.repeat(40)}x${'b'.repeat(30)}`
    expect(compileGlob(`*${piece}*`)(`${'a'.repeat(500)}${found}!`)).toBe(true)
    expect(compileGlob(`*${piece}*`)(`${'a'.repeat(500)}${found.slice(0, -1)}!`)).toBe(false)
    expect(compileGlob(`*${'ab'.repeat(40)}*`)(`c${'ab'.repeat(41)}c`)).toBe(true)
  })

  it('answers patterns that would make a backtracking matcher run for ever', () => {
    expect(compileGlob(`${'*a'.repeat(5_000)}*b`)('a'.repeat(60_000))).toBe(false)
    expect(compileGlob(`*${'a?'.repeat(127)}b*`, { words: true })('a'.repeat(65_000))).toBe(false)
    expect(compileGlob(`${'a?'.repeat(2_000)}*${'?'.repeat(30_000)}`)('a'.repeat(65_000))).toBe(true)
  })
})
