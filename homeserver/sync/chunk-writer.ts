/** Handed on together: fewer writes than events, and little that waits for a slow reader. */
const CHUNK_BYTES = 64 * 1024
/** The most that one UTF-16 unit takes in UTF-8. */
const BYTES_PER_UNIT = 3

const NOTHING: readonly Buffer[] = []

/**
 * Writes pieces of text one after another into chunks of bytes. Each is encoded by itself: one that is not plain
 * ASCII does not slow down those around it.
 */
export class ChunkWriter {
  #chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  #used = 0

  /** Takes a piece, and gives the chunks that are full with it. Bytes become a chunk as they are. */
  push(piece: string | Buffer): readonly Buffer[] {
    if (typeof piece !== 'string') return [...this.flush(), piece]
    const most = piece.length * BYTES_PER_UNIT
    if (most > CHUNK_BYTES) return [...this.flush(), Buffer.from(piece)]
    const full = most > CHUNK_BYTES - this.#used ? this.flush() : NOTHING
    this.#used += this.#chunk.write(piece, this.#used)
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
}
