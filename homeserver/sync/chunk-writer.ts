import type { AgedSlice, TextSink } from './openings/aged-events.ts'

/** Handed on together: fewer writes than events, and little that waits for a slow reader. */
const CHUNK_BYTES = 64 * 1024
/** The most that one UTF-16 unit takes in UTF-8. */
const BYTES_PER_UNIT = 3
/** Digits of the largest age: that of an event from the smallest safe integer. */
const MAX_DIGITS = 17
const ZERO = 0x30

const NOTHING: readonly Buffer[] = []

/**
 * Writes pieces of text one after another into chunks of bytes. Each is encoded by itself: one that is not plain
 * ASCII does not slow down those around it.
 */
export class ChunkWriter {
  #chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  #used = 0

  /** Takes a piece, and gives the chunks that are full with it. Bytes become a chunk as they are. */
  push(piece: string | Buffer | AgedSlice): readonly Buffer[] {
    if (typeof piece === 'string') return this.#pushText(piece)
    if (Buffer.isBuffer(piece)) return [...this.flush(), piece]
    const full: Buffer[] = []
    const sink: TextSink = {
      bytes: (bytes, from, to) => this.#copy(bytes, from, to, full),
      integer: (value) => this.#writeInteger(value, full),
    }
    piece.writeTo(sink)
    return full
  }

  /** What has been written since the last full chunk. */
  flush(): readonly Buffer[] {
    if (this.#used === 0) return NOTHING
    const chunk = this.#chunk.subarray(0, this.#used)
    this.#chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    this.#used = 0
    return [chunk]
  }

  #pushText(text: string): readonly Buffer[] {
    const most = text.length * BYTES_PER_UNIT
    if (most > CHUNK_BYTES) return [...this.flush(), Buffer.from(text)]
    const full = most > CHUNK_BYTES - this.#used ? this.flush() : NOTHING
    this.#used += this.#chunk.write(text, this.#used)
    return full
  }

  #copy(bytes: Buffer, from: number, to: number, full: Buffer[]): void {
    if (to - from > CHUNK_BYTES - this.#used) full.push(...this.flush())
    if (to - from > CHUNK_BYTES) full.push(bytes.subarray(from, to))
    else this.#used += bytes.copy(this.#chunk, this.#used, from, to)
  }

  /** Digit by digit: for so few bytes a call of the encoder costs more than they do. */
  #writeInteger(value: number, full: Buffer[]): void {
    if (MAX_DIGITS > CHUNK_BYTES - this.#used) full.push(...this.flush())
    let digits = 1
    for (let rest = value; rest >= 10; rest /= 10) digits++
    let rest = value
    for (let at = this.#used + digits - 1; at >= this.#used; at--) {
      this.#chunk[at] = ZERO + (rest % 10)
      rest = Math.floor(rest / 10)
    }
    this.#used += digits
  }
}
