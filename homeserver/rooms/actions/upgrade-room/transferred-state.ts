import { redactEvent } from '../../../../protocol/events/redact.ts'
import { ownValue, type JsonObject } from '../../../../protocol/json/value.ts'
import type { RoomVersionRules } from '../../../../protocol/room-versions/rules.ts'
import type { EventNid } from '../../../../storage/numeric-ids.ts'
import { currentStateOfTypes } from '../../../../storage/rooms/current-state-of-types.ts'
import { memberEventsOf } from '../../../../storage/rooms/membership-reader.ts'
import type { OpenRoom } from '../../open-room.ts'
import type { RoomServices } from '../../room-services.ts'
import type { InitialState } from '../create-room/room-wish.ts'

/** What a new room takes over (client-server API, "Room Upgrades"), and a space its rooms. */
const TRANSFERRED_TYPES = [
  'm.room.server_acl', 'm.room.encryption', 'm.room.name', 'm.room.avatar', 'm.room.topic',
  'm.room.guest_access', 'm.room.history_visibility', 'm.room.join_rules', 'm.space.child', 'm.space.parent',
] // prettier-ignore
/** Types that mean something under the empty state key alone. */
const KEYED_TYPES = new Set(['m.space.child', 'm.space.parent'])
/** Each is an event of the new room; a space has some hundreds of rooms at most. */
const MAX_STATE_EVENTS = 2_000
/** A room of many thousands of bans is better served by a policy list. */
const MAX_BANS = 2_000

/** The state of a room that the room after it begins with, power levels and aliases apart. */
export async function transferredState(
  services: RoomServices,
  room: OpenRoom,
  version: RoomVersionRules,
): Promise<InitialState[]> {
  const types = await services.interner.findTypeNids(TRANSFERRED_TYPES)
  const nids = await currentStateOfTypes(
    services.queries,
    room.head.roomNid,
    [...types.values()],
    MAX_STATE_EVENTS,
  )
  return (await shownState(room, nids)).flatMap((state) => {
    if (state.stateKey !== '' && !KEYED_TYPES.has(state.type)) return []
    if (state.type !== 'm.room.join_rules') return [state]
    return [{ ...state, content: fittingJoinRules(state.content, version) }]
  })
}

/** The bans of a room, for the room after it. */
export async function transferredBans(services: RoomServices, room: OpenRoom): Promise<InitialState[]> {
  const nids = await memberEventsOf(services.queries, room.head.roomNid, ['ban'])
  const bans = await shownState(room, nids.slice(-MAX_BANS))
  return bans.map(({ content, ...place }) => {
    const reason = ownValue(content, 'reason')
    return { ...place, content: { membership: 'ban', ...(typeof reason === 'string' ? { reason } : {}) } }
  })
}

/** Join rules in a version that may not know them: what it does not know would let nobody in, or be refused. */
export function fittingJoinRules(content: JsonObject, version: RoomVersionRules): JsonObject {
  const rule = ownValue(content, 'join_rule')
  const withRule = (join_rule: string): JsonObject => ({ ...content, join_rule })
  if (rule === 'knock_restricted' && !version.knockRestrictedJoins) {
    return withRule(version.restrictedJoins ? 'restricted' : 'invite')
  }
  if (rule === 'restricted' && !version.restrictedJoins) return withRule('invite')
  if (rule === 'knock' && !version.knocking) return withRule('invite')
  return content
}

/** State as it is shown; what has been redacted to nothing is not worth taking along. */
async function shownState(room: OpenRoom, nids: readonly EventNid[]): Promise<InitialState[]> {
  const stored = await room.eventsByNid(nids)
  return nids.flatMap((nid) => {
    const found = stored.get(nid)
    if (found?.event.stateKey === undefined) return []
    const event = found.redactedBy === undefined ? found.event : redactEvent(found.event)
    const { type, content } = event
    return Object.keys(content).length === 0 ? [] : [{ type, stateKey: found.event.stateKey, content }]
  })
}
