import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import type { EventDraft } from '../event-draft.ts'
import type { DeviceActor } from './actor.ts'
import { checkRelation } from './check-relation.ts'
import { checkRedaction } from './redact-event.ts'
import type { RoomActions } from './room-actions.ts'
import { submitOnce } from './submit-draft.ts'

/** `PUT /rooms/{roomId}/send/{eventType}/{txnId}`. */
export interface MessageRequest {
  readonly roomId: string
  readonly type: string
  readonly txnId: string
  readonly content: JsonObject
  /** Milliseconds since the epoch; for application services. */
  readonly originServerTs?: number | undefined
  /** Of an event whose time has come (MSC4140). */
  readonly delayId?: string | undefined
}

/**
 * Sends an event that is not state; the same request sends it once.
 *
 * @returns its id.
 * @throws MatrixError as `submitDraft` and `checkRelation`; 400 M_BAD_JSON for messages that no client could show.
 */
export function sendMessage(
  actions: RoomActions,
  sender: DeviceActor,
  request: MessageRequest,
): Promise<string> {
  const { roomId, type, txnId, content, delayId } = request
  if (type === 'm.room.message') checkMessage(content)
  const endpoint = { name: 'send', path: [roomId, type], txnId, delayId }
  const draft = { type, sender: sender.userId, content, originServerTs: request.originServerTs }
  let release = (): void => {}
  return submitOnce(actions, sender, endpoint, roomId, async () => {
    if (type === 'm.room.redaction') return redactionDraft(actions, roomId, draft)
    release = await checkRelation(actions, sender, roomId, draft)
    return draft
  }).finally(() => release())
}

/** Source: instant messaging module, "Server behaviour". */
function checkMessage(content: JsonObject): void {
  for (const key of ['msgtype', 'body']) {
    if (typeof ownValue(content, key) === 'string') continue
    throw new MatrixError(400, 'M_BAD_JSON', `A message needs \`${key}\`, which is a text`)
  }
}

/** Clients name the target in the content in every version; it stands where the room's version keeps it (MSC4169). */
async function redactionDraft(actions: RoomActions, roomId: string, draft: EventDraft): Promise<EventDraft> {
  const { redacts, ...content } = draft.content
  if (typeof redacts !== 'string') {
    throw new MatrixError(400, 'M_BAD_JSON', 'A redaction needs `redacts`, which is an event id')
  }
  await checkRedaction(actions, roomId, { userId: draft.sender }, redacts)
  return { ...draft, content, redacts }
}
