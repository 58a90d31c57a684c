const TYPE_BYTES = 1
const LENGTH_BYTES = 4
/** A prepared statement that is run, and a text that is run as it is. */
const BIND = 'B'.charCodeAt(0)
const QUERY = 'Q'.charCodeAt(0)

/** Counts the statements in what a client of PostgreSQL sends over one connection (protocol 3.0, "Message Formats"). */
export class StatementCounter {
  count = 0
  #rest = Buffer.alloc(0)
  /** The first message has no type. */
  #started = false

  /** Takes in the next bytes of the stream, however they are cut. */
  read(bytes: Buffer): void {
    let rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes
    for (;;) {
      const head = this.#started ? TYPE_BYTES : 0
      if (rest.length < head + LENGTH_BYTES) break
      const length = head + rest.readUInt32BE(head)
      if (rest.length < length) break
      if (this.#started && (rest[0] === BIND || rest[0] === QUERY)) this.count++
      this.#started = true
      rest = rest.subarray(length)
    }
    this.#rest = Buffer.from(rest)
  }
}
