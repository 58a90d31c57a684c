import { membershipIn } from '../../../protocol/auth-rules/membership.ts'
import type { PushContext } from '../../../protocol/push-rules/push-context.ts'
import type { PushOutcome } from '../../../protocol/push-rules/push-outcome.ts'
import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { UserNid } from '../../../storage/numeric-ids.ts'
import { isAfter, type StreamPosition } from '../../../storage/position/position.ts'
import type { EventToPush } from '../../../storage/push/events-to-push.ts'
import { sightOf } from '../../history/event-sight.ts'
import type { SyncServices } from '../../sync/sync-services.ts'
import { bystanderOutcome } from '../default-outcome.ts'
import { eventToPush, hear, type Listener } from '../listener.ts'
import { contentWithMentions, mentionsIn } from '../mentions.ts'
import { threadOf } from '../thread-of.ts'
import { displayNames, nameKey } from './event-names.ts'

/** Whom an event is judged for: the members of its room who have pushers, with the beginning of their stay. */
export interface Bystanders {
  readonly members: ReadonlyMap<UserNid, StreamPosition>
  /** The numbers of those among some users who have pushers. */
  pushing(userIds: readonly string[]): ReadonlyMap<UserNid, string>
  userIdOf(userNid: UserNid): string | undefined
}

/**
 * Whom a new event notifies, of those who have pushers. As for the counts of unread messages, those with default rules
 * whom it does not name are judged once for all.
 */
export async function judgeEvent(
  services: SyncServices,
  { position, toRoom }: EventToPush,
  stored: StoredEvent,
  { members, pushing, userIdOf }: Bystanders,
): Promise<ReadonlyMap<UserNid, PushOutcome>> {
  const { audience } = services
  const { event, roomNid } = stored
  const named = pushing(namedIn(stored))
  const present = new Set<UserNid>()
  for (const [userNid, joinedAt] of members) if (!isAfter(joinedAt, position)) present.add(userNid)
  const invited =
    event.type === 'm.room.member' && membershipIn(event) === 'invite' ? event.stateKey : undefined
  for (const [userNid, userId] of named) if (userId === invited) present.add(userNid)
  if (present.size === 0) return new Map()
  const deviating = members.size === 0 ? [] : await audience.inRoom(roomNid)
  const listeners = new Map<UserNid, Listener>()
  for (const listener of [...deviating, ...(await audience.of(named))]) {
    if (present.has(listener.userNid)) listeners.set(listener.userNid, listener)
  }
  const pushed = eventToPush(event)
  const context: PushContext = {
    displayName: undefined,
    memberCount: await audience.memberCount(roomNid),
    // Whether the sender may notify the room was decided when the event came.
    senderPower: toRoom ? Infinity : -Infinity,
    powerLevels: undefined,
  }
  const told = new Map<UserNid, PushOutcome>()
  const subscribers = await subscribersOf(services, stored)
  const inThread = (userNid: UserNid) => ({ inSubscribedThread: subscribers?.has(userNid) })
  const general = bystanderOutcome(pushed, {
    ...context,
    inSubscribedThread: subscribers ? false : undefined,
  })
  const followed = subscribers && bystanderOutcome(pushed, { ...context, inSubscribedThread: true })
  for (const userNid of present) {
    const outcome = subscribers?.has(userNid) ? followed : general
    if (outcome?.notify && !listeners.has(userNid)) told.set(userNid, outcome)
  }
  const asking = [...listeners.values()].filter(({ asksForName }) => asksForName)
  const names = await displayNames(
    services,
    asking.map(({ userId }) => ({ roomNid, userId })),
  )
  for (const listener of listeners.values()) {
    const displayName = names.get(nameKey({ roomNid, userId: listener.userId }))
    const outcome = hear(listener, pushed, { ...context, ...inThread(listener.userNid), displayName })
    if (outcome) told.set(listener.userNid, outcome)
  }
  for (const userNid of told.keys()) if (userIdOf(userNid) === event.sender) told.delete(userNid)
  return onlySighted(services, stored, members, told, userIdOf)
}

/** Those who follow the event's thread; undefined in no thread, and where nobody follows any. */
async function subscribersOf(
  { audience, events }: SyncServices,
  { event, roomNid }: StoredEvent,
): Promise<ReadonlySet<UserNid> | undefined> {
  if (!audience.followsThreads) return undefined
  const find = async (eventId: string): Promise<RoomEvent | undefined> => {
    const found = await events.byId(eventId)
    return found?.roomNid === roomNid ? found.event : undefined
  }
  return audience.subscribers(roomNid, await threadOf(event, find))
}

function namedIn({ event }: StoredEvent): readonly string[] {
  const mentioned = mentionsIn(contentWithMentions(event)).userIds
  return event.type === 'm.room.member' && event.stateKey !== undefined
    ? [...mentioned, event.stateKey]
    : mentioned
}

/** Leaves out those who may not see the event; where history is open, members may. */
async function onlySighted(
  services: SyncServices,
  stored: StoredEvent,
  members: ReadonlyMap<UserNid, StreamPosition>,
  told: ReadonlyMap<UserNid, PushOutcome>,
  userIdOf: Bystanders['userIdOf'],
): Promise<ReadonlyMap<UserNid, PushOutcome>> {
  const { openHistories } = services
  const isOpen = (await openHistories.among([stored.roomNid])).has(stored.roomNid)
  const sighted = new Map<UserNid, PushOutcome>()
  for (const [userNid, outcome] of told) {
    const userId = userIdOf(userNid)
    if (userId === undefined) continue
    // An invite is the user's own to see, who is not in the room yet.
    const isOwn = stored.event.type === 'm.room.member' && stored.event.stateKey === userId
    if (isOwn || (isOpen && members.has(userNid))) sighted.set(userNid, outcome)
    else {
      const { rooms } = await services.views.of(userNid)
      const sightings = await sightOf(services, openHistories, { userNid, userId }, rooms, [stored])
      if (sightings.get(stored.eventNid)?.visible) sighted.set(userNid, outcome)
    }
  }
  return sighted
}
