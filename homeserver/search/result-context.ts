import { ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'
import { surroundings } from '../../storage/search/surroundings.ts'
import { sightOf, type Sighting } from '../history/event-sight.ts'
import { shownEvent } from '../history/event-text.ts'
import { membersOfSenders } from '../history/members-of-senders.ts'
import type { Viewer } from '../history/read-services.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import type { VisibleResult } from './find-visible.ts'

/** How much of what stands around a result is wanted. */
export interface ContextWish {
  readonly before: number
  readonly after: number
  readonly profiles: boolean
}

/** What stands around a result. */
export interface ResultContext {
  /** Newest first. */
  readonly before: readonly StoredEvent[]
  /** Oldest first. */
  readonly after: readonly StoredEvent[]
  readonly sightings: ReadonlyMap<EventNid, Sighting>
  /** Profiles of the senders as they were then, by user id. */
  readonly profiles: Readonly<Record<string, JsonObject>> | undefined
}

/** What stands around results, as far as the user may see it. */
export async function contextsOf(
  services: SyncServices,
  viewer: Viewer,
  results: readonly VisibleResult[],
  wish: ContextWish,
): Promise<Map<EventNid, ResultContext>> {
  const places = await surroundings(
    services.queries,
    results.map(({ found }) => found),
    wish.before,
    wish.after,
  )
  const roomOf = new Map(results.map(({ found }) => [found.eventNid, found.roomNid]))
  const stored = await services.events.byPlaces(
    places.map(({ foundNid, eventNid }) => ({ roomNid: roomOf.get(foundNid)!, eventNid })),
  )
  const { rooms } = await services.views.of(viewer.userNid)
  const sightings = await sightOf(services, services.openHistories, viewer, rooms, [...stored.values()])
  const nearby = Map.groupBy(places, ({ foundNid }) => foundNid)
  const contexts = results.map(async ({ found, stored: result }) => {
    const near = (nearby.get(found.eventNid) ?? []).flatMap(({ eventNid, historyPos }) => {
      const event = stored.get(eventNid)
      return event && sightings.get(eventNid)?.visible ? [{ event, historyPos }] : []
    })
    const [before, after] = [true, false].map((older) =>
      near.filter(({ historyPos }) => historyPos < found.historyPos === older).map(({ event }) => event),
    )
    const context = {
      before: before!.toReversed(),
      after: after!,
      sightings,
      profiles: wish.profiles ? await profilesOf(services, [...before!, result, ...after!]) : undefined,
    }
    return [found.eventNid, context] as const
  })
  return new Map(await Promise.all(contexts))
}

async function profilesOf(
  services: SyncServices,
  events: readonly StoredEvent[],
): Promise<Readonly<Record<string, JsonObject>>> {
  const members = await membersOfSenders(services, events)
  return Object.fromEntries(
    members.map((member) => {
      const { stateKey, content } = shownEvent(member)
      const fields = ['displayname', 'avatar_url'].flatMap((key) => {
        const value = ownValue(content, key)
        return typeof value === 'string' ? [[key, value] as const] : []
      })
      return [stateKey ?? '', Object.fromEntries(fields)]
    }),
  )
}
