import { buildPdu } from '../../protocol/events/build-pdu.ts'
import { PduError } from '../../protocol/events/pdu-error.ts'
import { depthOf, readEventIds } from '../../protocol/events/pdu-fields.ts'
import { MAX_AUTH_EVENTS, MAX_PREV_EVENTS } from '../../protocol/events/parse-pdu.ts'
import type { SignedPdu } from '../../protocol/events/room-event.ts'
import type { Signer } from '../../protocol/events/sign.ts'
import { isUserId } from '../../protocol/identifiers/user-id.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts'
import type { MembershipTemplate } from '../client/operations/membership-template.ts'
import { UnusableAnswerError } from './try-servers.ts'

/** A membership that one of our users asks for in a room of other servers. */
export interface WantedMembership {
  readonly roomId: string
  readonly userId: string
  readonly membership: 'join' | 'leave' | 'knock'
  /** What else the content says: the user's profile, a reason. */
  readonly content: JsonObject
}

/**
 * Builds our own membership event from another server's proposal. Only its place in the DAG is taken over, and for
 * a restricted join who authorises it; a proposal that is about anything else is not worked with (DESIGN §3.10).
 *
 * @throws UnusableAnswerError
 */
export function buildFromTemplate(
  wanted: WantedMembership,
  { event: template, roomVersion: versionId }: MembershipTemplate,
  signer: Signer,
  originServerTs: number,
): SignedPdu {
  const version = roomVersion(versionId)
  if (!version) throw new UnusableAnswerError('its room version is not supported')
  checkProposal(wanted, template)
  try {
    const prevEvents = readEventIds(template, 'prev_events', MAX_PREV_EVENTS, version)
    const authEvents = readEventIds(template, 'auth_events', MAX_AUTH_EVENTS, version)
    if (prevEvents.length === 0) throw new UnusableAnswerError('the proposed event follows no event')
    return buildPdu(
      {
        type: 'm.room.member',
        roomId: wanted.roomId,
        sender: wanted.userId,
        stateKey: wanted.userId,
        content: {
          ...wanted.content,
          ...authoriser(wanted, template, version),
          membership: wanted.membership,
        },
        originServerTs,
        depth: depthOf(template, version) ?? 1,
        prevEvents,
        authEvents,
        referenceHashes: referenceHashes(template),
      },
      version,
      signer,
    )
  } catch (error) {
    if (error instanceof PduError)
      throw new UnusableAnswerError(`the proposed event is malformed: ${error.message}`)
    throw error
  }
}

function checkProposal(wanted: WantedMembership, template: JsonObject): void {
  const content = ownValue(template, 'content')
  const agrees =
    ownValue(template, 'type') === 'm.room.member' &&
    ownValue(template, 'room_id') === wanted.roomId &&
    ownValue(template, 'sender') === wanted.userId &&
    ownValue(template, 'state_key') === wanted.userId &&
    isJsonObject(content) &&
    ownValue(content, 'membership') === wanted.membership
  if (!agrees) throw new UnusableAnswerError('the proposed event is not the one that was asked for')
}

function authoriser(wanted: WantedMembership, template: JsonObject, version: RoomVersionRules): JsonObject {
  const content = ownValue(template, 'content')
  const userId = isJsonObject(content) ? ownValue(content, 'join_authorised_via_users_server') : undefined
  if (wanted.membership !== 'join' || !version.restrictedJoins || userId === undefined) return {}
  if (typeof userId === 'string' && isUserId(userId)) return { join_authorised_via_users_server: userId }
  throw new UnusableAnswerError('the proposed join is authorised by what is no user id')
}

/** Versions 1 and 2 name the events' hashes beside their ids. */
function referenceHashes(template: JsonObject): Map<string, string> {
  const hashes = new Map<string, string>()
  for (const key of ['prev_events', 'auth_events']) {
    const list = ownValue(template, key)
    for (const pair of Array.isArray(list) ? list : []) {
      const [eventId, proof] = Array.isArray(pair) ? pair : []
      const hash = isJsonObject(proof) ? ownValue(proof, 'sha256') : undefined
      if (typeof eventId === 'string' && typeof hash === 'string') hashes.set(eventId, hash)
    }
  }
  return hashes
}
