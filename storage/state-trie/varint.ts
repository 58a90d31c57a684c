const LOW_BITS = 0x7f
const MORE = 0x80
const BASE = 0x80

/** Appends a non-negative safe integer in base 128, lowest digit first, the high bit set on all but the last. */
export function writeVarint(bytes: number[], value: number): void {
  let rest = value
  while (rest >= BASE) {
    bytes.push((rest % BASE) | MORE)
    rest = Math.floor(rest / BASE)
  }
  bytes.push(rest)
}

/** Reads what {@link writeVarint} wrote, from a place that moves on. */
export class VarintReader {
  readonly #bytes: Uint8Array
  #at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  /** The offset of the next byte. */
  get offset(): number {
    return this.#at
  }

  /** @throws RangeError at the end of the bytes, or when the number is no safe integer. */
  read(): number {
    let value = 0
    for (let scale = 1; ; scale *= BASE) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new RangeError('varint runs over the end')
      value += (byte & LOW_BITS) * scale
      if (!Number.isSafeInteger(value)) throw new RangeError('varint above 2^53')
      if (byte < MORE) return value
    }
  }
}
