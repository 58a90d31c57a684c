import { localpartOf, serverOf } from '../../protocol/identifiers/user-id.ts'

/** Names are longer than this in jest only. */
const MAX_NAME_LENGTH = 256
const MAX_WORD_LENGTH = 50
const MAX_WORDS = 20
/** Longest search term that is read, and the words of it that are sought. */
const MAX_TERM_LENGTH = 255
const MAX_TERM_WORDS = 10
/** Fewer letters are in the middle of too many names. */
const MIN_PART_LENGTH = 3
/** Marks the beginning of a word; no word holds it. */
const BEGINNING = '/'

/** By what a user is found: the words of the user id and the name, and what these end with. */
export function directoryTerms(userId: string, displayName: string | undefined): string[] {
  const words = wordsOf(`${localpartOf(userId)} ${displayName ?? ''}`, MAX_NAME_LENGTH).slice(0, MAX_WORDS)
  const server = wordsOf(serverOf(userId), MAX_NAME_LENGTH).slice(0, MAX_WORDS)
  const terms = new Set([...words, ...server].map((word) => BEGINNING + word))
  for (const word of words) {
    const letters = [...word]
    for (let from = 1; from <= letters.length - MIN_PART_LENGTH; from++)
      terms.add(letters.slice(from).join(''))
  }
  return [...terms]
}

/** Texts of `tsquery`. */
export interface DirectoryQuery {
  /** Whole words. */
  readonly exact: string
  readonly beginnings: string
  /** Parts of words too; undefined when every word is too short for that. */
  readonly parts: string | undefined
}

/** What to look for; undefined for a term without letters. */
export function directoryQuery(term: string): DirectoryQuery | undefined {
  const words = wordsOf(term, MAX_TERM_LENGTH).slice(0, MAX_TERM_WORDS)
  if (words.length === 0) return undefined
  // Words hold neither quotes nor backslashes, which `tsquery` would take for its own.
  const beginning = (word: string): string => `'${BEGINNING}${word}':*`
  const part = (word: string): string =>
    isLong(word) ? `(${beginning(word)} | '${word}':*)` : beginning(word)
  return {
    exact: words.map((word) => `'${BEGINNING}${word}'`).join(' & '),
    beginnings: words.map(beginning).join(' & '),
    parts: words.some(isLong) ? words.map(part).join(' & ') : undefined,
  }
}

function isLong(word: string): boolean {
  return [...word].length >= MIN_PART_LENGTH
}

function wordsOf(text: string, maxLength: number): string[] {
  const normal = text.slice(0, maxLength).toWellFormed().normalize('NFKC').toLowerCase()
  const words = normal.split(/[^\p{L}\p{N}\p{M}\p{S}]+/u).filter((word) => word !== '')
  return [...new Set(words.map((word) => word.slice(0, MAX_WORD_LENGTH).toWellFormed()))]
}
