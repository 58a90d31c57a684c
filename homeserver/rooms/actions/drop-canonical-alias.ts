import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { Actor } from './actor.ts'
import type { RoomActions } from './room-actions.ts'
import { newestState } from './state-at.ts'
import { submitDraft } from './submit-draft.ts'

/**
 * Takes an alias that is gone out of a room's `m.room.canonical_alias`, where the user who removed it may write that
 * (client-server API, `DELETE /directory/room/{roomAlias}`).
 */
export async function dropCanonicalAlias(
  actions: RoomActions,
  user: Actor,
  alias: string,
  roomId: string,
): Promise<void> {
  const room = await actions.writer.open(roomId)
  const current = room && (await newestState(room, [['m.room.canonical_alias']]))('m.room.canonical_alias')
  if (!current) return
  const { alias: canonical, alt_aliases: others, ...content } = current.content
  const alternatives = Array.isArray(others) ? others : []
  if (canonical !== alias && !alternatives.includes(alias)) return
  const left = alternatives.filter((other) => other !== alias)
  if (canonical !== undefined && canonical !== alias) content['alias'] = canonical
  if (left.length > 0) content['alt_aliases'] = left
  const draft = { type: 'm.room.canonical_alias', stateKey: '', sender: user.userId, content }
  await submitDraft(actions, roomId, draft).catch((error: unknown) => {
    // The alias is gone all the same; the event then names what does not exist, as any may.
    if (!(error instanceof MatrixError)) throw error
  })
}
