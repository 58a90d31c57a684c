import { sql, type RawBuilder } from 'kysely'
import type { Queries } from '../database.ts'
import { vectorOf } from './event-search-writer.ts'

/** A search as PostgreSQL is told of it: texts for `websearch_to_tsquery`, free of what `text` cannot hold. */
export interface SearchWords {
  readonly whole: string
  /** A last word that others may begin with: letters and digits alone. */
  readonly prefix: { readonly word: string; readonly others: string } | undefined
}

/**
 * Compiles a search.
 *
 * @returns the text of a `tsquery`; undefined for one that no index can answer: nothing but stop words, or words
 *   that must not occur.
 */
export async function compileSearch(
  queries: Queries,
  languages: readonly string[],
  words: SearchWords,
): Promise<string | undefined> {
  const { rows } = await sql<{ query: string; tree: string }>`
    SELECT q::text AS query, querytree(q) AS tree FROM (SELECT ${queryOf(languages, words)} AS q) AS compiled
  `.execute(queries)
  const { query, tree } = rows[0]!
  return tree === '' || tree === 'T' ? undefined : query
}

/** Those of `candidates`, single words, that a search finds. */
export async function matchingWords(
  queries: Queries,
  languages: readonly string[],
  words: SearchWords,
  candidates: readonly string[],
): Promise<string[]> {
  if (candidates.length === 0) return []
  const { rows } = await sql<{ word: string }>`
    SELECT word FROM unnest(${candidates}::text[]) AS c(word), (SELECT ${queryOf(languages, words)} AS q) AS compiled
     WHERE ${vectorOf(languages, sql`word`)} @@ q`.execute(queries)
  return rows.map(({ word }) => word)
}

function queryOf(languages: readonly string[], { whole, prefix }: SearchWords): RawBuilder<string> {
  const readings = languages.map(
    (language) => sql<string>`websearch_to_tsquery(${language}::regconfig, ${whole})`,
  )
  if (prefix) {
    const beginning = `'${prefix.word}':*`
    readings.push(sql`(websearch_to_tsquery('simple', ${prefix.others}) && ${beginning}::tsquery)`)
  }
  return sql`(${sql.join(readings, sql` || `)})`
}
