import type { Queries } from '../../storage/database.ts'
import {
  saveOutboundProgress,
  type BacklogSpan,
  type ServerBacklogSpan,
} from '../../storage/federation/outbound-progress.ts'
import type { Interner } from '../../storage/interning/interner.ts'
import type { StreamPosition } from '../../storage/position/position.ts'

/** Keeps the stored backlogs and cursor in step with those in memory, writing differences only. */
export class ProgressKeeper {
  readonly #queries: Queries
  readonly #interner: Interner
  readonly #stored = new Map<string, Map<string, BacklogSpan>>()
  #cursor: StreamPosition | undefined

  constructor(queries: Queries, interner: Interner) {
    this.#queries = queries
    this.#interner = interner
  }

  /** Takes note of a span that is stored already. */
  restored(serverName: string, span: BacklogSpan): void {
    this.#storedOf(serverName).set(keyOf(span), span)
  }

  /** Servers that have stored spans. */
  servers(): Iterable<string> {
    return this.#stored.keys()
  }

  /** Stores that all up to `cursor` is told but for `untold`; servers left out have been told everything. */
  async save(cursor: StreamPosition, untold: ReadonlyMap<string, readonly BacklogSpan[]>): Promise<void> {
    const removed: ServerBacklogSpan[] = []
    const added: ServerBacklogSpan[] = []
    const serverNids = await this.#interner.serverNids([...untold.keys(), ...this.#stored.keys()])
    for (const [serverName, serverNid] of serverNids) {
      const stored = this.#stored.get(serverName)
      const wanted = new Map((untold.get(serverName) ?? []).map((span) => [keyOf(span), span]))
      for (const [key, span] of stored ?? []) if (!wanted.has(key)) removed.push({ ...span, serverNid })
      for (const [key, span] of wanted) if (!stored?.has(key)) added.push({ ...span, serverNid })
    }
    if (cursor === this.#cursor && removed.length + added.length === 0) return
    await saveOutboundProgress(this.#queries, cursor, removed, added)
    this.#cursor = cursor
    this.#stored.clear()
    for (const [serverName, spans] of untold) for (const span of spans) this.restored(serverName, span)
  }

  #storedOf(serverName: string): Map<string, BacklogSpan> {
    const stored = this.#stored.get(serverName) ?? new Map<string, BacklogSpan>()
    this.#stored.set(serverName, stored)
    return stored
  }
}

function keyOf({ roomNid, after, until }: BacklogSpan): string {
  return `${roomNid}/${after}/${until ?? ''}`
}
