/** JSON text of an event, parted where its age in milliseconds belongs. */
export interface AgedText {
  readonly before: string
  /** What the age counts from. */
  readonly sentAt: number
  readonly after: string
}

/** What text is written to. */
export interface TextSink {
  bytes(bytes: Buffer, from: number, to: number): void
  integer(value: number): void
}

const COMMA = ','

/** JSON texts of events as one stretch of bytes that every answer may share; ages are put in when it is written. */
export class AgedEvents {
  readonly count: number
  /** A comma before each event. */
  readonly bytes: Buffer
  readonly #starts: Uint32Array
  readonly #agesAt: Uint32Array
  readonly #sentAt: Float64Array

  constructor(texts: readonly AgedText[]) {
    this.count = texts.length
    this.#starts = new Uint32Array(texts.length + 1)
    this.#agesAt = new Uint32Array(texts.length)
    this.#sentAt = new Float64Array(texts.length)
    let end = 0
    for (const [index, { before, sentAt, after }] of texts.entries()) {
      this.#agesAt[index] = end + COMMA.length + Buffer.byteLength(before)
      this.#sentAt[index] = sentAt
      end = this.#agesAt[index]! + Buffer.byteLength(after)
      this.#starts[index + 1] = end
    }
    this.bytes = Buffer.from(texts.map(({ before, after }) => COMMA + before + after).join(''))
  }

  /** Some of them, in their order, as of a time in milliseconds. */
  slice(from: number, to: number, now: number): AgedSlice {
    return new AgedSlice(this, from, to, now)
  }

  /** Writes events `from` up to, without, `to`; the first one's comma is up to the caller. */
  writeTo(sink: TextSink, from: number, to: number, now: number, withComma: boolean): void {
    let written = this.#starts[from]! + (withComma ? 0 : COMMA.length)
    for (let index = from; index < to; index++) {
      const ageAt = this.#agesAt[index]!
      sink.bytes(this.bytes, written, ageAt)
      sink.integer(Math.max(0, now - this.#sentAt[index]!))
      written = ageAt
    }
    sink.bytes(this.bytes, written, this.#starts[to]!)
  }
}

/** Some events of a stretch as a piece of an answer. */
export class AgedSlice {
  readonly #events: AgedEvents
  readonly #from: number
  readonly #to: number
  readonly #now: number
  readonly #withComma: boolean

  constructor(events: AgedEvents, from: number, to: number, now: number, withComma = true) {
    this.#events = events
    this.#from = from
    this.#to = to
    this.#now = now
    this.#withComma = withComma
  }

  /** The same without the comma before the first event. */
  withoutComma(): AgedSlice {
    return new AgedSlice(this.#events, this.#from, this.#to, this.#now, false)
  }

  writeTo(sink: TextSink): void {
    if (this.#from < this.#to) {
      this.#events.writeTo(sink, this.#from, this.#to, this.#now, this.#withComma)
    }
  }

  toString(): string {
    const parts: string[] = []
    this.writeTo({
      bytes: (bytes, from, to) => parts.push(bytes.toString('utf8', from, to)),
      integer: (value) => parts.push(String(value)),
    })
    return parts.join('')
  }
}
