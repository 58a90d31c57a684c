import { MatrixError } from '../../../../protocol/errors/matrix-error.ts'
import type { OpenRoom } from '../../open-room.ts'
import type { Actor } from '../actor.ts'
import type { RoomActions } from '../room-actions.ts'
import { newestState } from '../state-at.ts'
import { submitDraft } from '../submit-draft.ts'
import { closedPowerLevels } from './successor-power-levels.ts'

/** Has an upgraded room take messages and invites of moderators only, where the user may do that. */
export async function closeLevels(actions: RoomActions, user: Actor, room: OpenRoom): Promise<void> {
  const levels = (await newestState(room, [['m.room.power_levels']]))('m.room.power_levels')
  const content = levels && closedPowerLevels(levels.content)
  if (!content) return
  const draft = { type: 'm.room.power_levels', stateKey: '', sender: user.userId, content }
  await submitDraft(actions, room.head.roomId, draft).catch((error: unknown) => {
    // The tombstone stands: whoever may close a room may not always set its levels.
    if (!(error instanceof MatrixError)) throw error
  })
}
