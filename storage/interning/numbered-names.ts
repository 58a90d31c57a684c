import { LRUCache } from 'lru-cache'
import type { NameRow, NameStore } from './name-store.ts'

/** Heap of an entry of one direction besides its text; measured, a user id of 25 letters takes 216 in both. */
const ENTRY_HEAP_BYTES = 100
/** Names of one statement: its array stays below a megabyte. */
const NAMES_PER_STATEMENT = 1000

/** A name that no column can hold, or that is longer than any the specification allows. */
export class UnnameableError extends RangeError {
  override readonly name = 'UnnameableError'
}

/**
 * The numbers of names, in both directions, in front of a table. The cache holds committed rows only; rows never
 * change, so it is never invalidated.
 */
export class NumberedNames<Nid extends number> {
  readonly #store: NameStore<Nid>
  readonly #nids: LRUCache<string, Nid>
  readonly #names: LRUCache<Nid, string>

  /** @param cacheBytes heap for the cache, roughly. */
  constructor(store: NameStore<Nid>, cacheBytes: number) {
    this.#store = store
    const maxSize = Math.max(1, Math.floor(cacheBytes / 2))
    this.#nids = new LRUCache({ maxSize, sizeCalculation: (_, name) => name.length + ENTRY_HEAP_BYTES })
    this.#names = new LRUCache({ maxSize, sizeCalculation: (name) => name.length + ENTRY_HEAP_BYTES })
  }

  /** The number of a name if the cache has it. */
  peekNid(name: string): Nid | undefined {
    return this.#nids.get(name)
  }

  /** The name of a number if the cache has it. */
  peekName(nid: Nid): string | undefined {
    return this.#names.get(nid)
  }

  /** The number of a name, or undefined when it has none. */
  async find(name: string): Promise<Nid | undefined> {
    return this.#nids.get(name) ?? (await this.findMany([name])).get(name)
  }

  /** The numbers of those of `names` that have one. */
  async findMany(names: Iterable<string>): Promise<Map<string, Nid>> {
    const { found, absent } = this.#cached(names)
    for (const part of inParts(absent)) this.#remember(await this.#store.find(part), found)
    return found
  }

  /**
   * The number of a name, which is created and committed when it has none.
   *
   * @throws UnnameableError
   */
  async intern(name: string): Promise<Nid> {
    const nid = this.#nids.get(name) ?? (await this.internMany([name])).get(name)
    if (nid === undefined) throw new Error('an interned name was removed meanwhile')
    return nid
  }

  /**
   * The numbers of all `names`; those without one are created and committed.
   *
   * @throws UnnameableError
   */
  async internMany(names: Iterable<string>): Promise<Map<string, Nid>> {
    const wanted = new Set(names)
    const found = await this.findMany(wanted)
    const absent = [...wanted].filter((name) => !found.has(name))
    if (absent.some((name) => !this.#store.isNameable(name))) {
      throw new UnnameableError('an identifier is too long or holds characters that cannot be stored')
    }
    for (const part of inParts(absent.sort(compareText))) {
      this.#remember(await this.#store.create(part), found)
      const elsewhere = part.filter((name) => !found.has(name))
      if (elsewhere.length > 0) this.#remember(await this.#store.find(elsewhere), found)
    }
    return found
  }

  /** The names of those of `nids` that exist. */
  async namesOf(nids: Iterable<Nid>): Promise<Map<Nid, string>> {
    const names = new Map<Nid, string>()
    const absent = new Set<Nid>()
    for (const nid of nids) {
      const name = this.#names.get(nid)
      if (name === undefined) absent.add(nid)
      else names.set(nid, name)
    }
    for (const part of inParts([...absent])) {
      const rows = await this.#store.load(part)
      this.#remember(rows, new Map())
      for (const { nid, name } of rows) names.set(nid, name)
    }
    return names
  }

  #cached(names: Iterable<string>): { found: Map<string, Nid>; absent: string[] } {
    const found = new Map<string, Nid>()
    const absent = new Set<string>()
    for (const name of names) {
      const nid = this.#nids.get(name)
      if (nid !== undefined) found.set(name, nid)
      else if (this.#store.isNameable(name)) absent.add(name)
    }
    return { found, absent: [...absent] }
  }

  #remember(rows: readonly NameRow<Nid>[], found: Map<string, Nid>): void {
    for (const { nid, name } of rows) {
      this.#nids.set(name, nid)
      this.#names.set(nid, name)
      found.set(name, nid)
    }
  }
}

/** All processes create names in one order, so that two of them never wait for each other in a circle. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function* inParts<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += NAMES_PER_STATEMENT) {
    yield items.slice(from, from + NAMES_PER_STATEMENT)
  }
}
