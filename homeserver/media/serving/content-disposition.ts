/** File systems take 255 bytes; longer names are refused or cut, so that a header stays one. */
export const MAX_FILE_NAME_LENGTH = 1_000
/** What may stand in a header between quotes as it is. */
const PLAIN = /^[\x20-\x7e]*$/
/** RFC 8187: what need not be encoded in an extended value, of the characters that encodeURIComponent leaves. */
const NOT_ATTR_CHAR = /['()*]/g
const EXTENDED = /;\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i
const QUOTED = /;\s*filename\s*=\s*"((?:[^"\\]|\\.)*)"/i
const TOKEN = /;\s*filename\s*=\s*([^\s";]+)/i

/**
 * The `Content-Disposition` header (RFC 6266). The name stands in quotes where it is ASCII and percent-encoded where it
 * is not, so that no character of it can end the header or begin another.
 */
export function contentDisposition(kind: 'inline' | 'attachment', fileName: string | undefined): string {
  const name = fileName === undefined ? undefined : cleanFileName(fileName)
  if (name === undefined) return kind
  if (PLAIN.test(name)) return `${kind}; filename="${name.replace(/["\\]/g, '\\$&')}"`
  const encoded = encodeURIComponent(name).replace(
    NOT_ATTR_CHAR,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${kind}; filename*=UTF-8''${encoded}`
}

/** The file name of such a header that another server sent; undefined where there is none. */
export function fileNameOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const extended = EXTENDED.exec(header)?.[1]
  const name =
    (extended === undefined ? undefined : decoded(extended)) ??
    QUOTED.exec(header)?.[1]?.replace(/\\(.)/g, '$1') ??
    TOKEN.exec(header)?.[1]
  return name === undefined ? undefined : cleanFileName(name)
}

/** A name without control characters and half surrogate pairs, cut where it is too long; undefined if empty. */
export function cleanFileName(name: string): string | undefined {
  const clean = [...name.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f]/g, '')]
  return clean.slice(0, MAX_FILE_NAME_LENGTH).join('') || undefined
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
