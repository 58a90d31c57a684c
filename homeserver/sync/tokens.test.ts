import fc from 'fast-check'
import { expect, it } from 'vitest'
import { streamPosition } from '../../storage/position/position.ts'
import { formatToken, parseStreamToken, parseToken, type Token } from './tokens.ts'

const token: fc.Arbitrary<Token> = fc.oneof(
  fc.record({
    kind: fc.constant('stream' as const),
    position: fc.maxSafeNat().map(streamPosition),
    ephemeral: fc.record({ epoch: fc.stringMatching(/^[A-Za-z0-9_-]{1,32}$/), version: fc.maxSafeNat() }),
  }),
  fc.record({ kind: fc.constant('history' as const), place: fc.maxSafeInteger() }),
  fc.record({
    kind: fc.constant('history' as const),
    place: fc.maxSafeInteger(),
    toldAt: fc.maxSafeNat().map(streamPosition),
  }),
)

it('reads every token that it writes', () => {
  fc.assert(
    fc.property(token, (value) => {
      expect(parseToken(formatToken(value), 'from')).toEqual(value)
    }),
  )
})

it('refuses every other text, and nothing else', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[sh]-?\d*_?\w*\.?\d*$/)), (text) => {
      let read: Token
      try {
        read = parseToken(text, 'from')
      } catch (error) {
        expect(error).toMatchObject({ status: 400, errcode: 'M_INVALID_PARAM' })
        return
      }
      expect(parseToken(formatToken(read), 'from')).toEqual(read)
    }),
  )
})

it('takes no place of a history for a place in the stream', () => {
  expect(() => parseStreamToken('h5', 'since')).toThrow('`since` is not a token')
})
