const EITHER_ALPHABET = /^[A-Za-z0-9+/_-]*={0,2}$/

/** Encodes bytes as unpadded base64 (appendices, "Unpadded Base64"). */
export function encodeBase64(bytes: Uint8Array): string {
  const text = asBuffer(bytes).toString('base64')
  const padding = text.indexOf('=')
  return padding === -1 ? text : text.slice(0, padding)
}

/** Encodes bytes as URL-safe unpadded base64. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('base64url')
}

/**
 * Decodes base64 of either alphabet, padded or not.
 *
 * @returns undefined for text that no bytes encode to: a foreign character, or a single one left over.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (!EITHER_ALPHABET.test(text)) return undefined
  const padding = text.indexOf('=')
  const characters = padding === -1 ? text.length : padding
  return characters % 4 === 1 ? undefined : Buffer.from(text, 'base64')
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
