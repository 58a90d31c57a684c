import type { Queries } from '../../storage/database.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import { matchingWords } from '../../storage/search/search-query.ts'
import { shownEvent } from '../history/event-text.ts'
import type { SearchTerms } from './search-terms.ts'
import { searchableText } from './searchable-text.ts'
import { wordForm } from './word-form.ts'

/** Of one page of results. */
const MAX_TEXT = 100_000
const MAX_WORDS = 5_000
const MAX_WORD_LENGTH = 100

/**
 * Words for clients to mark in results: those that were sought, and those of the results that stand for them in some
 * language.
 */
export async function highlightsOf(
  queries: Queries,
  languages: readonly string[],
  { words, anyWord }: SearchTerms,
  results: readonly StoredEvent[],
): Promise<string[]> {
  const texts = results.map((stored) => {
    const event = shownEvent(stored)
    return searchableText(event, event.content)?.text ?? ''
  })
  const said = wordForm(texts.join('\n'), MAX_TEXT).split(/[^\p{L}\p{N}\p{M}]+/u)
  const candidates = new Set(said.filter((word) => word !== '' && word.length <= MAX_WORD_LENGTH))
  const found = await matchingWords(queries, languages, anyWord, [...candidates].slice(0, MAX_WORDS))
  return [...new Set([...words, ...found])]
}
