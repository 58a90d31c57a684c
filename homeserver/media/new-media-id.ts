import { randomBytes } from 'node:crypto'

/** Ids are all that keeps media on the old endpoints from strangers. */
const MEDIA_ID_BYTES = 24

/** A new id for media of this server: 32 characters. */
export function newMediaId(): string {
  return randomBytes(MEDIA_ID_BYTES).toString('base64url')
}
