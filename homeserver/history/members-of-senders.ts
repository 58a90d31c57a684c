import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { ReadServices } from './read-services.ts'

/** The membership events of the senders, as they were at the first of the sender's events in the list. */
export async function membersOfSenders(
  { interner, trie, events: store }: ReadServices,
  events: readonly StoredEvent[],
): Promise<StoredEvent[]> {
  const firsts = new Map<string, StoredEvent>()
  for (const stored of events) if (!firsts.has(stored.event.sender)) firsts.set(stored.event.sender, stored)
  const typeNid = await interner.typeNid('m.room.member')
  const keys = await interner.stateKeyNids(firsts.keys())
  const places = await Promise.all(
    Array.from(firsts, async ([sender, { roomNid, stateAfter }]) => {
      const eventNid =
        stateAfter === undefined ? undefined : await trie.get(roomNid, stateAfter, typeNid, keys.get(sender)!)
      return eventNid === undefined ? [] : [{ roomNid, eventNid }]
    }),
  )
  return [...(await store.byPlaces(places.flat())).values()]
}
