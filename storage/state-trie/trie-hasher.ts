import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { HASH_BYTES, type NodeHash } from './state-root.ts'
import type { StateTupleNids } from './trie-node.ts'

/** Keep the two uses of the one secret apart. */
const PATH_DOMAIN = 1
const NODE_DOMAIN = 2
const TUPLE_BYTES = 17

/** The place of a tuple in the trie: one hexadecimal digit a level. */
export type TriePath = Buffer

/** Digits of a path. A leaf at this depth would hold tuples whose 128 bits are equal. */
export const PATH_DIGITS = HASH_BYTES * 2

/** The digit of a path that chooses the child of a branch at `depth`. */
export function pathDigit(path: TriePath, depth: number): number {
  const byte = path[depth >> 1]
  if (byte === undefined) throw new RangeError(`a path has ${PATH_DIGITS} digits`)
  return depth % 2 === 0 ? byte >> 4 : byte & 0x0f
}

/**
 * The keyed hashes of the trie (DESIGN §3.3): HMAC-SHA256 cut to 128 bits, so that nobody without the secret can
 * choose events whose nodes collide, or keys that fall into one deep corner.
 */
export class TrieHasher {
  readonly #key: KeyObject

  constructor(secret: Uint8Array) {
    this.#key = createSecretKey(secret)
  }

  /** Where a tuple stands. */
  pathOf(tuple: StateTupleNids): TriePath {
    const message = Buffer.allocUnsafe(TUPLE_BYTES)
    message[0] = PATH_DOMAIN
    message.writeDoubleBE(tuple.typeNid, 1)
    message.writeDoubleBE(tuple.stateKeyNid, 9)
    return createHmac('sha256', this.#key).update(message).digest().subarray(0, HASH_BYTES)
  }

  /** The hash of a node's encoded body. */
  hashOf(body: Uint8Array): NodeHash {
    const digest = createHmac('sha256', this.#key).update(Buffer.of(NODE_DOMAIN)).update(body).digest()
    return digest.toString('hex', 0, HASH_BYTES) as NodeHash
  }
}
