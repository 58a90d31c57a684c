/** What is known of a file whose sender does not say what it is. */
export const UNKNOWN_TYPE = 'application/octet-stream'
/** Longer ones are no content types. */
const MAX_LENGTH = 255
/** A type with parameters, in visible ASCII: what a header can carry. */
const GRAMMAR = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;[\x20-\x7e]*)?$/

/** A content type that a sender names, fit to be sent on; whatever is none counts as unknown. */
export function cleanContentType(header: string | undefined): string {
  const type = header?.trim() ?? ''
  return type.length <= MAX_LENGTH && GRAMMAR.test(type) ? type : UNKNOWN_TYPE
}
