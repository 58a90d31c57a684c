/** Pictures, and scripts that are written without spaces between words: each character is a word of its own. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}\p{Script=Myanmar}\p{Extended_Pictographic}]/gu
/** The parser of a database with the C collation takes everything beyond ASCII for letters. */
const SEPARATORS = /[^\p{ASCII}\p{L}\p{N}\p{M}\p{Extended_Pictographic}]+/gu

/**
 * A text in the form in which words are stored and sought: one case, one form of each letter, and nothing that
 * `text` columns cannot hold. The database's own lower case would leave everything but ASCII as it is.
 *
 * @param maxLength what goes beyond is left out; in UTF-16 units.
 */
export function wordForm(text: string, maxLength: number): string {
  return text
    .slice(0, maxLength)
    .toWellFormed()
    .normalize('NFKC')
    .toLowerCase()
    .replace(SEPARATORS, ' ')
    .replace(UNSPACED, ' $& ')
    .replaceAll('\0', ' ')
    .slice(0, maxLength)
    .toWellFormed()
}

/** Whether a text holds several words that are written without spaces between them. */
export function isUnspaced(text: string): boolean {
  return (text.match(UNSPACED)?.length ?? 0) > 1
}
