import { LRUCache } from 'lru-cache'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { JsonSyntaxError, parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject, type JsonObject } from '../../protocol/json/value.ts'
import { findFilter } from '../../storage/accounts/filters.ts'
import type { Queries } from '../../storage/database.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { Filter } from '../filters/filter.ts'
import { parseFilter } from '../filters/parse-filter.ts'

/** A client sends the same filter with every poll; about 1 kB each. */
const MAX_PARSED = 10_000
/** Longer ones are parsed anew each time, so that nobody fills the memory with them. */
const MAX_KEPT_LENGTH = 2_000

const NO_FILTER = parseFilter({})

/** Filters as requests name them, parsed once. A stored filter never changes. */
export class FilterFinder {
  readonly #queries: Queries
  readonly #parsed = new LRUCache<string, Filter>({ maxSize: MAX_PARSED, sizeCalculation: () => 1 })

  constructor(queries: Queries) {
    this.#queries = queries
  }

  /**
   * The filter of a request.
   *
   * @param named its id, or its definition as JSON text; undefined for none.
   * @throws MatrixError 400 M_INVALID_PARAM, M_BAD_JSON or M_NOT_JSON.
   */
  async find(userNid: UserNid, named: string | undefined): Promise<Filter> {
    if (named === undefined || named === '') return NO_FILTER
    const key = named.startsWith('{') ? named : `${userNid}/${named}`
    const known = this.#parsed.get(key)
    if (known) return known
    const filter = parseFilter(
      named.startsWith('{') ? filterObject(named) : await this.#stored(userNid, named),
    )
    if (key.length <= MAX_KEPT_LENGTH) this.#parsed.set(key, filter)
    return filter
  }

  async #stored(userNid: UserNid, id: string): Promise<JsonObject> {
    const number = /^\d{1,15}$/.test(id) ? Number(id) : undefined
    const definition = number === undefined ? undefined : await findFilter(this.#queries, userNid, number)
    if (definition === undefined) throw new MatrixError(400, 'M_INVALID_PARAM', 'There is no such filter')
    return filterObject(definition)
  }
}

/** A filter that stands in a query parameter. @throws MatrixError 400 M_NOT_JSON, M_BAD_JSON. */
export function filterObject(text: string): JsonObject {
  try {
    const value = parseJson(text)
    if (isJsonObject(value)) return value
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw new MatrixError(400, 'M_NOT_JSON', '`filter` is not valid JSON')
  }
  throw new MatrixError(400, 'M_BAD_JSON', '`filter` must be a JSON object')
}
