import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChunkWriter } from './chunk-writer.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const longText = fc.tuple(text, fc.nat(20_000)).map(([unit, times]) => unit.repeat(times % 5_000))
const bytes = text.map((piece) => Buffer.from(piece))

test('loses nothing and changes no order', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(text, longText, bytes), { maxLength: 30 }), (pieces) => {
      const writer = new ChunkWriter()
      const chunks = [...pieces.flatMap((piece) => writer.push(piece)), ...writer.flush()]
      expect(Buffer.concat(chunks).toString()).toBe(pieces.map(String).join(''))
    }),
  )
})
