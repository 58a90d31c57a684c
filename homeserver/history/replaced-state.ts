import { LRUCache } from 'lru-cache'
import { eventWriteOf } from '../../storage/events/event-write.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../storage/position/committed-write.ts'
import { deltasAt } from '../../storage/sync/state-places-reader.ts'
import type { ReadServices } from './read-services.ts'

/** About 100 bytes each. What an event replaced never changes. */
const MAX_REMEMBERED = 200_000

/** Which state event each state event took the place of (client-server API, `unsigned.replaces_state`). */
export class ReplacedState {
  readonly #services: Pick<ReadServices, 'queries' | 'trie'>
  readonly #previous = new LRUCache<EventNid, EventNid | 'none'>({
    maxSize: MAX_REMEMBERED,
    sizeCalculation: () => 1,
  })

  constructor(services: Pick<ReadServices, 'queries' | 'trie'>) {
    this.#services = services
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const write = eventWriteOf(committed)
      if (!write?.live || write.row.stateKeyNid === undefined) continue
      const change = write.stateChanges.find(({ eventNid }) => eventNid === write.row.eventNid)
      this.#previous.set(write.row.eventNid, change?.previousNid ?? 'none')
    }
  }

  /** What the state events among `events` replaced; those that replaced nothing are left out. */
  async of(events: readonly StoredEvent[]): Promise<Map<EventNid, EventNid>> {
    const state = events.filter(({ stateKeyNid }) => stateKeyNid !== undefined)
    const unknown = state.filter(({ eventNid }) => !this.#previous.has(eventNid))
    if (unknown.length > 0) await this.#load(unknown)
    const replaced = new Map<EventNid, EventNid>()
    for (const { eventNid } of state) {
      const previous = this.#previous.get(eventNid)
      if (previous !== undefined && previous !== 'none') replaced.set(eventNid, previous)
    }
    return replaced
  }

  async #load(events: readonly StoredEvent[]): Promise<void> {
    const { queries, trie } = this.#services
    const live = events.flatMap(({ roomNid, streamPos }) =>
      streamPos === undefined ? [] : [{ roomNid, position: streamPos }],
    )
    for (const { eventNid, previousNid } of await deltasAt(queries, live)) {
      if (eventNid !== undefined && previousNid !== undefined) this.#previous.set(eventNid, previousNid)
    }
    const old = events.filter(({ streamPos }) => streamPos === undefined)
    await Promise.all(
      old.map(async ({ roomNid, eventNid, typeNid, stateKeyNid, stateBefore }) => {
        if (stateBefore === undefined || stateKeyNid === undefined) return
        const previous = await trie.get(roomNid, stateBefore, typeNid, stateKeyNid)
        if (previous !== undefined) this.#previous.set(eventNid, previous)
      }),
    )
    for (const { eventNid } of events) {
      if (!this.#previous.has(eventNid)) this.#previous.set(eventNid, 'none')
    }
  }
}
