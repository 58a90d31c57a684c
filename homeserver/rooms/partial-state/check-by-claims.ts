import type { AuthResult } from '../../../protocol/auth-rules/auth-result.ts'
import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import { stateTuple } from '../../../protocol/state/state-map.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { StateRoot } from '../../../storage/state-trie/state-root.ts'
import { checkAgainst } from '../check-against.ts'
import type { OpenRoom } from '../open-room.ts'
import { resolveRoots } from '../resolve-roots.ts'
import type { RoomServices } from '../room-services.ts'

/**
 * Judges an event by a state that lacks members: those that its auth events name count as they say (MSC3902). Where
 * that state has another membership at such a place, which itself came in by nothing but the word of its sender, the
 * two are resolved as those of a fork.
 */
export async function checkByClaims(
  services: RoomServices,
  room: OpenRoom,
  event: RoomEvent,
  root: StateRoot,
): Promise<AuthResult> {
  const claimed = [...(await room.events(event.authEvents)).values()].filter(isMember)
  const claims = claimed.map((stored) => stored.event)
  const byWord = await checkAgainst(room, event, root, claims)
  if (byWord.allowed) return byWord
  const doubted = await contradicted(room, root, claimed)
  if (doubted.length === 0) return byWord
  const { trie } = services
  const other = await trie.apply(
    room.head.roomNid,
    root,
    doubted.map(({ typeNid, stateKeyNid, eventNid }) => ({ typeNid, stateKeyNid: stateKeyNid!, eventNid })),
  )
  const stagedOther = trie.stage(other.newNodes)
  try {
    const resolved = await resolveRoots(services, room, [root, other.root])
    const staged = trie.stage(resolved.newNodes)
    try {
      return await checkAgainst(room, event, resolved.root, claims)
    } finally {
      staged.discarded()
    }
  } finally {
    stagedOther.discarded()
  }
}

/** The claims at whose places a state has another event that came while members were missing. */
async function contradicted(
  room: OpenRoom,
  root: StateRoot,
  claimed: readonly StoredEvent[],
): Promise<StoredEvent[]> {
  const places = claimed.map(({ event }) => ({ type: event.type, stateKey: event.stateKey ?? '' }))
  const there = await room.stateEvents(root, places)
  return claimed.filter(({ event, eventNid, verdict }) => {
    const known = there.get(stateTuple(event.type, event.stateKey ?? ''))
    return verdict === 'accepted' && known?.partialState === true && known.eventNid !== eventNid
  })
}

function isMember({ event }: StoredEvent): boolean {
  return event.type === 'm.room.member' && event.stateKey !== undefined
}
