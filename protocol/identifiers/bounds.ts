/** The most bytes of a user id, room id, alias or event id, sigil and domain included (appendices, "Identifier Grammar"). */
export const MAX_ID_BYTES = 255

/** The most bytes of an event's `type` or `state_key` (client-server API, "Size limits"). */
export const MAX_EVENT_KEY_BYTES = 255

/** Whether a text fits into so many bytes of UTF-8. */
export function fitsBytes(text: string, maxBytes: number): boolean {
  return text.length <= maxBytes && (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes)
}

/** Whether a text has at most so many code points. */
export function fitsCodePoints(text: string, max: number): boolean {
  return text.length <= max || (text.length <= 2 * max && [...text].length <= max)
}

/**
 * Whether a text can be an identifier at all: it begins with its sigil, fits, and holds neither U+0000 nor half
 * a surrogate pair.
 */
export function isIdentifier(text: string, sigil: string): boolean {
  return (
    text.startsWith(sigil) && fitsBytes(text, MAX_ID_BYTES) && !text.includes('\0') && text.isWellFormed()
  )
}

/** The parts of `&localpart:domain`, undefined without a colon. A localpart holds no colon, a domain may. */
export function splitIdentifier(
  text: string,
): { readonly localpart: string; readonly domain: string } | undefined {
  const colon = text.indexOf(':')
  return colon === -1 ? undefined : { localpart: text.slice(1, colon), domain: text.slice(colon + 1) }
}
