import type { StateKeyNid } from '../../storage/numeric-ids.ts'

/** The member events of a room as one stretch of bytes that every answer may share. */
export class MemberBlock {
  /** JSON texts, each after a comma. */
  readonly bytes: Buffer
  readonly #starts: Uint32Array
  readonly #indices: ReadonlyMap<StateKeyNid, number>

  /** @param texts JSON texts of events, by the place of their user in the state. */
  constructor(texts: ReadonlyMap<StateKeyNid, string>) {
    this.bytes = Buffer.from(Array.from(texts.values(), (text) => `,${text}`).join(''))
    this.#starts = new Uint32Array(texts.size + 1)
    let end = 0
    let index = 0
    for (const text of texts.values()) {
      end += 1 + Buffer.byteLength(text)
      this.#starts[++index] = end
    }
    this.#indices = new Map(Array.from(texts.keys(), (stateKeyNid, at) => [stateKeyNid, at]))
  }

  /** How many there are. */
  get count(): number {
    return this.#indices.size
  }

  /** The bytes without those of some users, in pieces that share their memory. */
  without(stateKeyNids: Iterable<StateKeyNid>): Buffer[] {
    const cuts = Array.from(new Set(stateKeyNids), (stateKeyNid) => this.#indices.get(stateKeyNid))
      .filter((index) => index !== undefined)
      .toSorted((a, b) => a - b)
    const pieces: Buffer[] = []
    let from = 0
    for (const index of cuts) {
      pieces.push(this.bytes.subarray(from, this.#starts[index]))
      from = this.#starts[index + 1]!
    }
    pieces.push(this.bytes.subarray(from))
    return pieces.filter(({ length }) => length > 0)
  }
}
