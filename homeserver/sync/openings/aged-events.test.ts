import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChunkWriter } from '../chunk-writer.ts'
import { AgedEvents } from './aged-events.ts'

const NOW = 1_800_000_000_000

const text = fc
  .tuple(fc.string({ unit: 'grapheme' }), fc.nat(20))
  .map(([unit, times]) => unit.repeat(times * 200))
const event = fc.record({
  before: text,
  sentAt: fc.oneof(fc.maxSafeInteger(), fc.nat(NOW)),
  after: text,
})
const stretch = fc
  .array(event, { minLength: 1, maxLength: 12 })
  .chain((events) => fc.tuple(fc.constant(events), fc.nat(events.length), fc.nat(events.length)))

function plain(events: readonly { before: string; sentAt: number; after: string }[]): string {
  return events.map(({ before, sentAt, after }) => `,${before}${Math.max(0, NOW - sentAt)}${after}`).join('')
}

test('writes what each event would be by itself, as of now, whatever is around it', () => {
  fc.assert(
    fc.property(stretch, fc.nat(70_000), ([events, one, other], written) => {
      const [from, to] = [Math.min(one, other), Math.max(one, other)]
      const slice = new AgedEvents(events).slice(from, to, NOW)
      const writer = new ChunkWriter()
      const already = 'x'.repeat(written)
      const chunks = [...writer.push(already), ...writer.push(slice), ...writer.flush()]
      const expected = plain(events.slice(from, to))
      expect(Buffer.concat(chunks).toString()).toBe(already + expected)
      expect(slice.toString()).toBe(expected)
      expect(slice.withoutComma().toString()).toBe(expected.slice(1))
    }),
  )
})
