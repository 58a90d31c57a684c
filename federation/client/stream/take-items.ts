import { parseJson } from '../../../protocol/json/parse.ts'
import type { JsonObject, JsonValue } from '../../../protocol/json/value.ts'
import { AnswerTooLargeError } from '../../../homeserver/outgoing/read-bounded.ts'
import { ObjectScanner, ScanError, type ScanBounds } from './object-scanner.ts'

/** Takes the next items of a list. The answer is read on when it has: what takes long holds the server back. */
export type TakeItems = (list: string, items: readonly Buffer[]) => Promise<void>

export interface StreamBounds extends ScanBounds {
  readonly maxBytes: number
  /** Of each list. */
  readonly maxItems: number
  /** The longest silence between two parts of the answer. */
  readonly maxSilenceMs: number
}

/** The answer stopped coming. */
export class AnswerStalledError extends Error {}

/**
 * Reads an answer whose lists are large: their items are handed on as they come, and the rest of the object is
 * returned.
 *
 * @throws AnswerTooLargeError, AnswerStalledError, ScanError; JsonSyntaxError for a value that is no JSON.
 */
export async function takeItems(
  body: AsyncIterable<Buffer>,
  lists: readonly string[],
  bounds: StreamBounds,
  take: TakeItems,
): Promise<JsonObject> {
  const rest: [string, JsonValue][] = []
  const counts = new Map<string, number>()
  let waiting: { list: string; items: Buffer[] }[] = []
  const scanner = new ObjectScanner(lists, bounds, {
    item(list, text) {
      const count = (counts.get(list) ?? 0) + 1
      if (count > bounds.maxItems) throw new ScanError(`${list} holds more than ${bounds.maxItems} items`)
      counts.set(list, count)
      const last = waiting.at(-1)
      if (last?.list === list) last.items.push(text)
      else waiting.push({ list, items: [text] })
    },
    value: (key, text) => void rest.push([key, parseJson(text)]),
  })
  let bytes = 0
  const chunks = body[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await inTime(chunks.next(), bytes === 0 ? undefined : bounds.maxSilenceMs)
      if (next.done) break
      bytes += next.value.length
      if (bytes > bounds.maxBytes) throw new AnswerTooLargeError(bounds.maxBytes)
      scanner.push(next.value)
      const ready = waiting
      waiting = []
      for (const { list, items } of ready) await take(list, items)
    }
    scanner.end()
  } finally {
    // Ends the connection of an answer that is not read to its end.
    void Promise.resolve(chunks.return?.()).catch(() => undefined)
  }
  return Object.fromEntries(rest)
}

async function inTime<Value>(value: Promise<Value>, ms: number | undefined): Promise<Value> {
  if (ms === undefined) return value
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AnswerStalledError(`nothing came for ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([value, silence])
  } finally {
    clearTimeout(timer)
  }
}
