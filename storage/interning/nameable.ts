/**
 * Longest name that is interned. The specification allows 255 bytes; servers that counted characters have let
 * 255 characters of four bytes pass. An index entry of PostgreSQL holds 2,704.
 */
export const MAX_NAME_BYTES = 1020

/** Whether a name can stand in the database: not too long and without lone surrogates, which UTF-8 cannot express. */
export function isByteNameable(name: string): boolean {
  return name.isWellFormed() && Buffer.byteLength(name) <= MAX_NAME_BYTES
}

/** The same for a `text` column, which cannot hold U+0000 either. */
export function isTextNameable(name: string): boolean {
  return isByteNameable(name) && !name.includes('\0')
}
