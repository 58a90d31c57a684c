import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import type { Actor } from './actor.ts'
import { checkCanonicalAlias } from './check-canonical-alias.ts'
import { inviteUser } from './invite-user.ts'
import type { RoomActions } from './room-actions.ts'
import { submitDraft } from './submit-draft.ts'

/** `PUT /rooms/{roomId}/state/{eventType}/{stateKey}`. */
export interface StateRequest {
  readonly roomId: string
  readonly type: string
  readonly stateKey: string
  readonly content: JsonObject
  /** Milliseconds since the epoch; for application services. */
  readonly originServerTs?: number | undefined
}

/**
 * Sets a place of a room's state. Setting it to what it is makes no new event.
 *
 * @returns the id of the event that says so.
 * @throws MatrixError as `submitDraft` and `checkCanonicalAlias`.
 */
export async function setState(actions: RoomActions, sender: Actor, request: StateRequest): Promise<string> {
  const { roomId, type, stateKey, content } = request
  actions.limits.message.consume(sender.userId)
  if (type === 'm.room.canonical_alias' && stateKey === '')
    await checkCanonicalAlias(actions, roomId, content)
  if (type === 'm.room.member' && ownValue(content, 'membership') === 'invite') {
    return inviteUser(actions, sender, { roomId, userId: stateKey, content })
  }
  const { originServerTs } = request
  return submitDraft(actions, roomId, { type, stateKey, sender: sender.userId, content, originServerTs })
}
