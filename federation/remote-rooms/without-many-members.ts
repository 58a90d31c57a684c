import type { JoinedRoom } from '../../homeserver/rooms/remote-servers.ts'
import { membershipIn } from '../../protocol/auth-rules/membership.ts'
import type { SignedPdu } from '../../protocol/events/room-event.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'

/** More are stored behind the join, piece by piece, so that nobody waits for them. */
const MAX_MEMBERS_AT_ONCE = 2_000

/**
 * A room as it was told, whole; where it has many members, as if the server had left them out: they are then fetched
 * behind the join, as those that really were left out.
 */
export function withoutManyMembers(room: JoinedRoom): JoinedRoom {
  const members = room.state.filter(isMember)
  if (members.length <= MAX_MEMBERS_AT_ONCE) return room
  const state = room.state.filter((event) => !isMember(event))
  const told = new Map([...room.state, ...room.authChain].map((event) => [event.eventId, event]))
  const servers = new Set(
    members.filter((event) => membershipIn(event) === 'join').map(({ stateKey }) => serverOf(stateKey ?? '')),
  )
  return {
    ...room,
    state,
    authChain: authChainOf([...state, room.joinEvent], told),
    membersOmitted: { servers: [...servers] },
  }
}

function isMember({ type }: SignedPdu): boolean {
  return type === 'm.room.member'
}

function authChainOf(starts: readonly SignedPdu[], told: ReadonlyMap<string, SignedPdu>): SignedPdu[] {
  const chain = new Map<string, SignedPdu>()
  const waiting = starts.flatMap(({ authEvents }) => authEvents)
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const event = told.get(id)
    if (!event || chain.has(id)) continue
    chain.set(id, event)
    waiting.push(...event.authEvents)
  }
  return [...chain.values()]
}
