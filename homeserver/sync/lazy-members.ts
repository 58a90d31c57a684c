import type { EventNid, RoomNid, StateKeyNid } from '../../storage/numeric-ids.ts'
import type { MemberPlace } from './current-members.ts'
import type { RoomPlan } from './skeleton.ts'
import type { SyncRequest } from './sync-request.ts'
import type { ByRoom, SyncServices } from './sync-services.ts'
import type { Timeline } from './timelines.ts'

/** A membership event to be sent. */
export interface LazyMember extends MemberPlace {
  readonly eventNid: EventNid
}

/**
 * The membership events that a lazily loading client needs with its timelines: of the senders, of the heroes and
 * its own where a room is new to it, those left out that it was sent before (client-server API, "Lazy-loading
 * room members").
 */
export async function lazyMembers(
  services: SyncServices,
  { viewer, filter, fullState, since }: SyncRequest,
  plans: readonly RoomPlan[],
  timelines: ByRoom<Timeline>,
  heroes: ByRoom<readonly string[]>,
): Promise<LazyMember[]> {
  const { interner, members, sentMembers } = services
  const wanted = plans.flatMap(({ roomNid, whole }) => {
    const userIds = new Set([
      ...(timelines.get(roomNid)?.events ?? []).map(({ event }) => event.sender),
      ...(heroes.get(roomNid) ?? []),
    ])
    if (whole) userIds.add(viewer.userId)
    return Array.from(userIds, (userId) => ({ roomNid, whole, userId }))
  })
  const keys = await interner.stateKeyNids(wanted.map(({ userId }) => userId))
  const places = wanted.map(({ roomNid, whole, userId }) => ({
    roomNid,
    whole,
    stateKeyNid: keys.get(userId) as StateKeyNid,
  }))
  const nids = await withClaimed(services, wanted, await members.at(places), timelines)
  const redundant = filter.room.state.includeRedundantMembers || fullState || since === undefined
  const sent = places.flatMap(({ roomNid, stateKeyNid, whole }, index): LazyMember[] => {
    const eventNid = nids[index]
    if (eventNid === undefined) return []
    if (!redundant && !whole && sentMembers.has(viewer, roomNid, stateKeyNid, eventNid)) return []
    return [{ roomNid, stateKeyNid, eventNid }]
  })
  sentMembers.add(viewer, sent)
  return sent
}

/**
 * While not all members of a room are known, a sender of whom nothing is known is shown as a member by the word of their
 * own event, as by which it was accepted (MSC3902).
 */
async function withClaimed(
  { partial, events }: SyncServices,
  wanted: readonly { readonly roomNid: RoomNid; readonly userId: string }[],
  known: readonly (EventNid | undefined)[],
  timelines: ByRoom<Timeline>,
): Promise<readonly (EventNid | undefined)[]> {
  const unknown = wanted.filter(({ roomNid }, index) => known[index] === undefined && partial.has(roomNid))
  if (unknown.length === 0) return known
  const shown = [...new Set(unknown.map(({ roomNid }) => roomNid))].flatMap(
    (roomNid) => timelines.get(roomNid)?.events ?? [],
  )
  const causes = await events.byIds(shown.flatMap(({ event }) => event.authEvents))
  const claimed = new Map<string, EventNid>()
  for (const { roomNid, eventNid, event } of causes.values()) {
    if (event.type === 'm.room.member') claimed.set(`${roomNid}/${event.stateKey}`, eventNid)
  }
  return known.map((nid, index) => nid ?? claimed.get(`${wanted[index]!.roomNid}/${wanted[index]!.userId}`))
}
