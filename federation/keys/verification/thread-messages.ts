import type { VerifyKey } from '../verify-key.ts'
import type { KeyRequest } from '../key-request.ts'
import type { FailedPdu } from './check-pdu.ts'

/** Texts one behind the other in one buffer, which moves between threads without being copied. */
export interface PackedTexts {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Where each ends. */
  readonly ends: Uint32Array<ArrayBuffer>
}

/** To a thread: read these PDUs, and tell which keys they need. */
export interface ReadBatch {
  readonly kind: 'read'
  readonly batch: number
  readonly version: string
  readonly texts: PackedTexts
}

/** To a thread: here are the keys that there are; check the batch. */
export interface CheckBatch {
  readonly kind: 'check'
  readonly batch: number
  readonly keys: ReadonlyMap<string, ReadonlyMap<string, VerifyKey>>
}

/** To a thread: the batch is not wanted any more. */
export interface DropBatch {
  readonly kind: 'drop'
  readonly batch: number
}

export type ToThread = ReadBatch | CheckBatch | DropBatch

/** From a thread: the keys that a batch needs, each once. */
export interface NeededKeys {
  readonly kind: 'needs'
  readonly batch: number
  readonly requests: readonly KeyRequest[]
}

/** A PDU that passed; its canonical form is the next of the packed texts. */
export interface PassedPdu {
  readonly ok: true
  readonly eventId: string
  readonly roomId: string
  readonly authEvents: readonly string[]
}

/** From a thread: what became of each PDU of a batch, in their order. */
export interface CheckedBatch {
  readonly kind: 'checked'
  readonly batch: number
  readonly results: readonly (PassedPdu | FailedPdu)[]
  readonly texts: PackedTexts
}

export type FromThread = NeededKeys | CheckedBatch

/** Packs texts into one buffer of their own. */
export function pack(texts: readonly Uint8Array[]): PackedTexts {
  const ends = new Uint32Array(texts.length)
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + text.length, 0))
  let end = 0
  for (const [index, text] of texts.entries()) {
    bytes.set(text, end)
    end += text.length
    ends[index] = end
  }
  return { bytes, ends }
}

/** The texts of a buffer, which they share. */
export function unpack({ bytes, ends }: PackedTexts): Buffer[] {
  return Array.from(ends, (end, index) => {
    const start = index === 0 ? 0 : ends[index - 1]!
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
  })
}

/** The parts of packed texts that a message hands over. */
export function transferOf({ bytes, ends }: PackedTexts): ArrayBuffer[] {
  return [bytes.buffer, ends.buffer]
}
