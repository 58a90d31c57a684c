import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { openDatabase, type Database } from '../../storage/database.ts'
import { compileSearch, matchingWords } from '../../storage/search/search-query.ts'
import { parseSearchTerm } from './search-terms.ts'
import { wordForm } from './word-form.ts'

let test: TestDatabase
let database: Database
beforeAll(async () => {
  test = await createTestDatabase()
  database = openDatabase(test.address)
})
afterAll(async () => {
  await database.close()
  await test.close()
})

const LANGUAGES = ['simple', 'english']
const spiced = fc.array(
  fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('"', '-', ' or ', "'", '\\', ':*', '&', '|', '!', '<->', '('),
  ),
)

it('compiles whatever a user types', async () => {
  await fc.assert(
    fc.asyncProperty(spiced, async (parts) => {
      const terms = parseSearchTerm(parts.join(''))
      const query = await compileSearch(database.queries, LANGUAGES, terms)
      expect(query === undefined || query !== '').toBe(true)
      await matchingWords(database.queries, LANGUAGES, terms.anyWord, ['word'])
    }),
  )
})

it('finds every word that it has stored, whatever its letters', async () => {
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[\p{L}\p{N}]{1,12}$/u), async (word) => {
      const terms = parseSearchTerm(word.toUpperCase())
      const stored = wordForm(word.toUpperCase(), 1_000)
      fc.pre(stored.trim() !== 'or' && stored.trim() !== '')
      expect(await matchingWords(database.queries, LANGUAGES, terms, [stored])).toEqual([stored])
    }),
  )
})

it.each([
  ['Two Words', 'two words', ['two', 'words'], 'words'],
  ['done ', 'done', ['done'], undefined],
  ['ab', 'ab', ['ab'], undefined],
  ['"a phrase" -not', '"a phrase" -not', ['a', 'phrase'], undefined],
  ['this or that', 'this or that', ['this', 'that'], 'that'],
  ['東京都', '"東 京 都"', ['東', '京', '都'], undefined],
  ['-"not this" but', '-"not this" but', ['but'], 'but'],
])('reads %s', (typed, whole, words, prefix) => {
  const terms = parseSearchTerm(typed)
  expect([terms.whole, terms.words, terms.prefix?.word]).toEqual([whole, words, prefix])
})
