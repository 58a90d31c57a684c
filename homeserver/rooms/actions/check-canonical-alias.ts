import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isRoomAlias } from '../../../protocol/identifiers/room-alias.ts'
import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import { findRoomByAlias } from './find-room.ts'
import type { RoomActions } from './room-actions.ts'
import { newestState } from './state-at.ts'

/** Each new alias may cost a question to another server. */
const MAX_NEW_ALIASES = 20

/**
 * Checks that the aliases that a new `m.room.canonical_alias` adds name this room; those that it keeps may have gone.
 *
 * @throws MatrixError 400 M_INVALID_PARAM for what is no alias, M_BAD_ALIAS for one that does not name the room
 *   (client-server API, "Canonical alias").
 */
export async function checkCanonicalAlias(
  actions: RoomActions,
  roomId: string,
  content: JsonObject,
): Promise<void> {
  const wanted = aliasesIn(content)
  if (wanted.some((alias) => typeof alias !== 'string' || !isRoomAlias(alias))) {
    throw new MatrixError(400, 'M_INVALID_PARAM', 'An alias is not of the form #name:server')
  }
  const room = await actions.writer.open(roomId)
  const current = room && (await newestState(room, [['m.room.canonical_alias']]))('m.room.canonical_alias')
  const kept = new Set(current ? aliasesIn(current.content) : [])
  const added = wanted.filter((alias) => typeof alias === 'string').filter((alias) => !kept.has(alias))
  if (added.length > MAX_NEW_ALIASES) {
    throw new MatrixError(400, 'M_INVALID_PARAM', `At most ${MAX_NEW_ALIASES} aliases can be added at once`)
  }
  for (const alias of new Set(added)) {
    const named = await findRoomByAlias(actions, alias)
    if (named?.roomId === roomId) continue
    throw new MatrixError(400, 'M_BAD_ALIAS', 'An alias does not name this room')
  }
}

function aliasesIn(content: JsonObject) {
  const canonical = ownValue(content, 'alias')
  const others = ownValue(content, 'alt_aliases')
  // Null and the empty text are how clients take the canonical alias away.
  const first = canonical === undefined || canonical === null || canonical === '' ? [] : [canonical]
  return Array.isArray(others) ? [...first, ...others] : first
}
