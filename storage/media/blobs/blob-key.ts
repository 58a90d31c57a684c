import { randomBytes } from 'node:crypto'

declare const kind: unique symbol

/** Names a blob in whatever store: random, so that nothing of what others chose becomes part of a path. */
export type BlobKey = string & { readonly [kind]: 'blob-key' }

/** Nobody meets another's key by chance. */
const KEY_BYTES = 16

/** A new key: `ab/cd/…` in hexadecimal, whose first parts spread files over directories. */
export function newBlobKey(): BlobKey {
  const hex = randomBytes(KEY_BYTES).toString('hex')
  return `${hex.slice(0, 2)}/${hex.slice(2, 4)}/${hex.slice(4)}` as BlobKey
}
