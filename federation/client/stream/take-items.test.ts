import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../../protocol/json/canonical.ts'
import type { JsonValue } from '../../../protocol/json/value.ts'
import { takeItems, type StreamBounds } from './take-items.ts'

const BOUNDS: StreamBounds = {
  maxBytes: 10_000,
  maxItems: 50,
  maxItemBytes: 200,
  maxOtherBytes: 300,
  maxSilenceMs: 50,
}

async function* chunksOf(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

async function read(body: AsyncIterable<Buffer>, bounds = BOUNDS) {
  const items: Record<string, JsonValue[]> = {}
  const rest = await takeItems(body, ['state', 'auth_chain'], bounds, async (list, texts) => {
    for (const text of texts) (items[list] ??= []).push(JSON.parse(text.toString()) as JsonValue)
  })
  return { items, rest }
}

test('is the same as parsing the whole, wherever the chunks end and however it is spaced', async () => {
  const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>
  const lists = fc.record({ state: fc.array(value), auth_chain: fc.array(value), members_omitted: value })
  await fc.assert(
    fc.asyncProperty(
      lists,
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(0, 1),
      async (object, size, indent) => {
        const { items, rest } = await read(chunksOf(JSON.stringify(object, null, indent), size), {
          ...BOUNDS,
          maxBytes: 1e6,
          maxItemBytes: 1e6,
          maxOtherBytes: 1e6,
        })
        // Through text, as everything that comes over the wire: -0 is 0 there.
        expect(JSON.parse(JSON.stringify({ state: [], auth_chain: [], ...items, ...rest }))).toEqual(
          JSON.parse(JSON.stringify(object)),
        )
      },
    ),
  )
})

describe('is refused:', () => {
  test.each([
    ['an empty text', ''],
    ['a list', '[]'],
    ['no end', '{"state":[{"a":1}]'],
    ['something after the end', '{"state":[]}{}'],
    ['a list that is none', '{"state":{}}'],
    ['a list that stands twice', '{"state":[],"state":[]}'],
    ['an item that is missing', '{"state":[{},]}'],
    ['an item that is missing between others', '{"state":[{},,{}]}'],
    ['a value that is missing', '{"event":}'],
    ['a key that is missing', '{"state":[],}'],
    ['a key that is no text', '{state:[]}'],
    ['two values', '{"event":1 2}'],
    ['a value that is no JSON', '{"event":nul}'],
    ['too many items', `{"state":[${Array(51).fill('1').join()}]}`],
    ['an item that is too large', `{"state":["${'x'.repeat(300)}"]}`],
    ['too much beside the lists', `{"a":"${'x'.repeat(200)}","b":"${'x'.repeat(200)}"}`],
    ['too many bytes', `{"state":[]${' '.repeat(10_000)}}`],
  ])('%s', async (_, text) => {
    for (const size of [1, 7, 100_000]) await expect(read(chunksOf(text, size))).rejects.toThrow()
  })

  test('an answer that stops coming', async () => {
    async function* stalling(): AsyncGenerator<Buffer> {
      yield Buffer.from('{"state":[')
      await new Promise(() => {})
    }
    await expect(read(stalling())).rejects.toThrow(/nothing came/)
  })
})

test('an item that is endless is given up before it has all come', async () => {
  let sent = 0
  async function* endless(): AsyncGenerator<Buffer> {
    yield Buffer.from('{"state":["')
    for (;;) yield Buffer.alloc(50, 'x', 'latin1').fill('x', 0, (sent += 50) && 50)
  }
  await expect(read(endless())).rejects.toThrow()
  expect(sent).toBeLessThan(1_000)
})

test('is read no faster than its items are taken', async () => {
  const events = Array.from({ length: 20 }, (_, index) => canonicalJson({ index }))
  let sent = 0
  let taken = 0
  async function* body(): AsyncGenerator<Buffer> {
    yield Buffer.from('{"state":[')
    for (const [index, event] of events.entries()) {
      sent++
      expect(sent - taken).toBeLessThanOrEqual(2)
      yield Buffer.from(index === 0 ? event : `,${event}`)
    }
    yield Buffer.from(']}')
  }
  await takeItems(body(), ['state'], BOUNDS, async (_, texts) => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    taken += texts.length
  })
  expect(taken).toBe(events.length)
})
