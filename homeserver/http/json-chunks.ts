import { Readable } from 'node:stream'
import { jsonText, type Answer } from './answer.ts'

/**
 * What is held before anything is sent. An answer that ends within it is sent as a whole, with its length, and one
 * that fails by then gets its error.
 */
const HELD_BYTES = 256 * 1024

/** A JSON answer that is made while it is sent: no faster than the client reads. */
export async function jsonChunks(chunks: AsyncGenerator<Buffer, undefined>): Promise<Answer> {
  const held: Buffer[] = []
  for (let bytes = 0; bytes < HELD_BYTES; bytes += held.at(-1)!.length) {
    const { done, value } = await chunks.next()
    if (done) return jsonText(Buffer.concat(held))
    held.push(value)
  }
  const stream = Readable.from(heldFirst(held, chunks), { objectMode: false })
  return { status: 200, headers: { 'Content-Type': 'application/json' }, body: { stream } }
}

async function* heldFirst(held: Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  for (const chunk of held.splice(0)) yield chunk
  yield* rest
}
