/** What a scanner tells of the object it reads, in the order of its text. */
export interface ScannedObject {
  /** An item of one of the lists that were asked for, as its JSON text. The bytes are the receiver's to keep. */
  item(key: string, text: Buffer): void
  /** The value of any other key, as its JSON text. */
  value(key: string, text: Buffer): void
}

export interface ScanBounds {
  /** An event of the largest size whose every byte is escaped fits. */
  readonly maxItemBytes: number
  /** All keys and values beside the lists together. */
  readonly maxOtherBytes: number
}

/** The text is not one JSON object, or something in it is larger than its bound. */
export class ScanError extends Error {}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

type Place = 'start' | 'key' | 'colon' | 'value' | 'after-value' | 'item' | 'after-item' | 'end'

/**
 * Reads one JSON object as its bytes arrive, and hands on the items of some of its lists one by one, so that a large
 * answer never stands in memory as a whole. Only the outline is checked here: where values begin and end. The texts
 * that are handed on have still to be parsed.
 */
export class ObjectScanner {
  readonly #lists: ReadonlySet<string>
  readonly #bounds: ScanBounds
  readonly #told: ScannedObject
  readonly #seen = new Set<string>()
  #place: Place = 'start'
  #mayEnd = false
  #key = ''
  /** Parts of the text at hand that came in earlier chunks. */
  #parts: Buffer[] = []
  #size = 0
  #otherBytes = 0
  /** How deep the text at hand is nested; -1 while none is. */
  #depth = -1
  #inString = false
  #escaped = false

  /** @param lists keys whose values are lists to be handed on item by item; each may stand in the object once. */
  constructor(lists: readonly string[], bounds: ScanBounds, told: ScannedObject) {
    this.#lists = new Set(lists)
    this.#bounds = bounds
    this.#told = told
  }

  /** @throws ScanError */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) at = this.#depth >= 0 ? this.#readText(chunk, at) : this.#readOutline(chunk, at)
  }

  /** @throws ScanError when the object is not whole. */
  end(): void {
    if (this.#place !== 'end') throw new ScanError('the answer ends early')
  }

  #readOutline(chunk: Buffer, at: number): number {
    const byte = chunk[at]!
    if (isSpace(byte)) return at + 1
    switch (this.#place) {
      case 'start':
        return this.#expect(byte === OPEN_OBJECT, 'key', at)
      case 'colon':
        return this.#expect(byte === COLON, 'value', at)
      case 'key':
        if (byte === CLOSE_OBJECT && this.#mayEnd) return this.#expect(true, 'end', at)
        if (byte !== QUOTE) throw new ScanError('a key is missing')
        return this.#begin(at)
      case 'value':
        if (!this.#lists.has(this.#key)) return this.#begin(at)
        if (this.#seen.has(this.#key)) throw new ScanError(`the list ${this.#key} stands twice`)
        this.#seen.add(this.#key)
        this.#mayEnd = true
        return this.#expect(byte === OPEN_LIST, 'item', at)
      case 'item':
        if (byte === CLOSE_LIST && this.#mayEnd) return this.#expect(true, 'after-value', at)
        this.#mayEnd = false
        return this.#begin(at)
      case 'after-item':
        this.#mayEnd = false
        if (byte === CLOSE_LIST) return this.#expect(true, 'after-value', at)
        return this.#expect(byte === COMMA, 'item', at)
      case 'after-value':
        this.#mayEnd = false
        if (byte === CLOSE_OBJECT) return this.#expect(true, 'end', at)
        return this.#expect(byte === COMMA, 'key', at)
      case 'end':
        throw new ScanError('something follows the object')
    }
  }

  #expect(holds: boolean, next: Place, at: number): number {
    if (!holds) throw new ScanError('the answer is no JSON object of the expected form')
    if (this.#place === 'start') this.#mayEnd = true
    this.#place = next
    return at + 1
  }

  #begin(at: number): number {
    this.#depth = 0
    return at
  }

  /** Reads on in a text until it ends or the chunk does. Numbers and words end before what follows them. */
  #readText(chunk: Buffer, from: number): number {
    let at = from
    for (; at < chunk.length; at++) {
      const byte = chunk[at]!
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (byte === BACKSLASH) this.#escaped = true
        else if (byte === QUOTE) {
          this.#inString = false
          if (this.#depth === 0) return this.#finish(chunk.subarray(from, at + 1), at + 1)
        }
      } else if (byte === QUOTE) this.#inString = true
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth++
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        if (this.#depth === 0) return this.#finish(chunk.subarray(from, at), at)
        this.#depth--
        if (this.#depth === 0) return this.#finish(chunk.subarray(from, at + 1), at + 1)
      } else if (this.#depth === 0 && (byte === COMMA || byte === COLON || isSpace(byte))) {
        return this.#finish(chunk.subarray(from, at), at)
      }
    }
    this.#keep(chunk.subarray(from))
    return at
  }

  #keep(part: Buffer): void {
    this.#size += part.length
    const inList = this.#place === 'item'
    if (inList && this.#size > this.#bounds.maxItemBytes) throw new ScanError('an item is too large')
    if (!inList && this.#otherBytes + this.#size > this.#bounds.maxOtherBytes) {
      throw new ScanError('there is too much beside the lists')
    }
    this.#parts.push(part)
  }

  #finish(last: Buffer, next: number): number {
    this.#keep(last)
    // The chunks belong to the connection: what is kept is copied.
    const text = Buffer.concat(this.#parts)
    if (text.length === 0) throw new ScanError('a value is missing')
    if (this.#place !== 'item') this.#otherBytes += text.length
    this.#parts = []
    this.#size = 0
    this.#depth = -1
    this.#handOn(text)
    return next
  }

  #handOn(text: Buffer): void {
    if (this.#place === 'key') {
      this.#key = keyOf(text)
      this.#place = 'colon'
    } else if (this.#place === 'item') {
      this.#place = 'after-item'
      this.#told.item(this.#key, text)
    } else {
      this.#place = 'after-value'
      this.#told.value(this.#key, text)
    }
  }
}

function keyOf(text: Buffer): string {
  try {
    return String(JSON.parse(text.toString('utf8')))
  } catch {
    throw new ScanError('a key is no JSON string')
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
