import { Readable } from 'node:stream'
import { jsonText, type Answer } from './answer.ts'

/**
 * Chunks that are held before anything is sent. An answer that ends within them is sent as a whole, with its length,
 * and one that fails by then gets its error.
 */
const HELD_CHUNKS = 16

/** A JSON answer that is made while it is sent: no faster than the client reads. */
export async function jsonChunks(chunks: AsyncGenerator<Buffer, undefined>): Promise<Answer> {
  const held: Buffer[] = []
  while (held.length < HELD_CHUNKS) {
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
