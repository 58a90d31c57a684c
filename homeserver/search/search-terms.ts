import type { SearchWords } from '../../storage/search/search-query.ts'
import { isUnspaced, wordForm } from './word-form.ts'

/** Longest search term, in UTF-16 units: a sentence or two. */
export const MAX_TERM_LENGTH = 500
/** A shorter word begins too many others. */
const MIN_PREFIX_LENGTH = 3

const TOKENS = /(-?)"([^"]*)"?|(-?)([^\s"]+)/gu
const PLAIN_WORD = /^[\p{L}\p{N}\p{M}]+$/u

interface Term {
  readonly text: string
  readonly excluded: boolean
  readonly phrase: boolean
}

/** A search term, read. */
export interface SearchTerms extends SearchWords {
  /** The words that are sought, for clients to mark. */
  readonly words: readonly string[]
  /** Finds each of the words alone, for what is to be marked in a text. */
  readonly anyWord: SearchWords
}

/**
 * Reads what a user has typed: words of which all must occur, `"a phrase"`, `or` between alternatives, `-word` for
 * what must not occur. The last word may be the beginning of a longer one, because people search while they type.
 */
export function parseSearchTerm(term: string): SearchTerms {
  const terms = Array.from(term.slice(0, MAX_TERM_LENGTH).matchAll(TOKENS), readTerm).filter(
    ({ text }) => text !== '',
  )
  const last = terms.at(-1)
  const prefix =
    last && !last.excluded && !last.phrase && /\S$/u.test(term) && PLAIN_WORD.test(last.text)
      ? { word: last.text, others: terms.slice(0, -1).map(asText).join(' ') }
      : undefined
  const hasPrefix = prefix !== undefined && prefix.word.length >= MIN_PREFIX_LENGTH && prefix.word !== 'or'
  const sought = terms.filter(({ excluded, text, phrase }) => !excluded && (phrase || text !== 'or'))
  const words = [...new Set(sought.flatMap(({ text }) => text.split(' ')))]
  return {
    whole: terms.map(asText).join(' '),
    prefix: hasPrefix ? prefix : undefined,
    words,
    anyWord: {
      whole: words.map((word) => `"${word}"`).join(' or '),
      prefix: hasPrefix ? { word: prefix.word, others: '' } : undefined,
    },
  }
}

function readTerm([, minus, phrase, otherMinus, word]: RegExpMatchArray): Term {
  const text = wordForm(phrase ?? word ?? '', MAX_TERM_LENGTH)
    .replaceAll('"', ' ')
    .trim()
    .replace(/\s+/gu, ' ')
  return {
    text,
    excluded: minus === '-' || otherMinus === '-',
    phrase: phrase !== undefined || isUnspaced(text),
  }
}

function asText({ text, excluded, phrase }: Term): string {
  return `${excluded ? '-' : ''}${phrase ? `"${text}"` : text}`
}
