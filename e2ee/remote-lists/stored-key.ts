import type { SignedKey } from '../keys/signed-key.ts'

/** The text by which a key of another server is kept: its parts as JSON, so that nothing is encoded anew later. */
export function storedKeyText(key: SignedKey): string {
  return JSON.stringify(key)
}

/** Reads it back. */
export function storedKeyOf(text: string): SignedKey {
  return JSON.parse(text) as SignedKey
}
