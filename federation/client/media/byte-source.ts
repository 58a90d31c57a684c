import type { Readable } from 'node:stream'

/** A body that does not have the form that it should have. */
export class MalformedBodyError extends Error {
  override readonly name = 'MalformedBodyError'
}

/** Reads a stream up to delimiters, holding no more than it must. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>
  #held: Buffer

  /** @param before counts as having come before the stream. */
  constructor(stream: Readable, before: string) {
    this.#chunks = stream[Symbol.asyncIterator]()
    this.#held = Buffer.from(before)
  }

  /** Whether a text comes next, which is not passed. @throws MalformedBodyError where the stream is too short to tell. */
  async startsWith(text: string): Promise<boolean> {
    while (this.#held.length < text.length) await this.#readMore()
    return this.#held.subarray(0, text.length).equals(Buffer.from(text))
  }

  /** What comes before a delimiter, which is passed. @throws MalformedBodyError where it does not come in `maxBytes`. */
  async readUntil(delimiter: string, maxBytes: number): Promise<Buffer> {
    const parts: Buffer[] = []
    let bytes = 0
    for await (const part of this.streamUntil(delimiter)) {
      bytes += part.length
      if (bytes > maxBytes) throw new MalformedBodyError(`a part is longer than ${maxBytes} bytes`)
      parts.push(part)
    }
    return Buffer.concat(parts)
  }

  /** The same, piece by piece. @throws MalformedBodyError where the stream ends before the delimiter. */
  async *streamUntil(delimiter: string): AsyncGenerator<Buffer, void> {
    for (;;) {
      const end = this.#held.indexOf(delimiter)
      if (end >= 0) {
        const rest = this.#held.subarray(0, end)
        this.#held = this.#held.subarray(end + delimiter.length)
        if (rest.length > 0) yield rest
        return
      }
      // The last bytes may be the beginning of the delimiter.
      const safe = this.#held.length - (delimiter.length - 1)
      if (safe > 0) {
        const piece = this.#held.subarray(0, safe)
        this.#held = this.#held.subarray(safe)
        yield piece
      }
      await this.#readMore()
    }
  }

  /** Reads the stream to its end, unless more than `maxBytes` are left of it. */
  async drain(maxBytes: number): Promise<void> {
    for (let bytes = this.#held.length; bytes <= maxBytes;) {
      const { done, value } = await this.#chunks.next()
      if (done) return
      bytes += value.length
    }
  }

  async #readMore(): Promise<void> {
    const { done, value } = await this.#chunks.next()
    if (done) throw new MalformedBodyError('the body ended too early')
    this.#held = this.#held.length === 0 ? value : Buffer.concat([this.#held, value])
  }
}
