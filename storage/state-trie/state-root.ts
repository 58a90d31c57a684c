declare const kind: unique symbol

/** The hash of a trie node: 128 bits as 32 lower-case hexadecimal digits. */
export type NodeHash = string & { readonly [kind]: 'node-hash' }

/** The hash of a trie's topmost node, which names a whole state of a room. */
export type StateRoot = NodeHash

/** Bytes of a node hash (DESIGN §3.3). */
export const HASH_BYTES = 16

/** The root of the state without entries. No node is stored for it. */
export const EMPTY_ROOT = '0'.repeat(HASH_BYTES * 2) as StateRoot

/** The root as a `bytea` column holds it. */
export function rootToBytes(root: StateRoot): Buffer {
  return Buffer.from(root, 'hex')
}

/**
 * The root that a `bytea` column holds.
 *
 * @throws RangeError when the bytes are not {@link HASH_BYTES} long.
 */
export function rootFromBytes(bytes: Uint8Array): StateRoot {
  if (bytes.length !== HASH_BYTES)
    throw new RangeError(`a state root has ${HASH_BYTES} bytes, not ${bytes.length}`)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex') as StateRoot
}
