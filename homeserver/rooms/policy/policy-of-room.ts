import { redactEvent } from '../../../protocol/events/redact.ts'
import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import {
  isSignedByPolicyServer,
  isSubjectToPolicy,
  POLICY_EVENT,
  policyServerOf,
  type PolicyServer,
} from '../../../protocol/policy-servers/policy-server.ts'
import { stateTuple } from '../../../protocol/state/state-map.ts'
import { isServerJoined } from '../../../storage/rooms/membership-reader.ts'
import type { OpenRoom } from '../open-room.ts'
import type { RoomServices } from '../room-services.ts'

const PLACE = { type: POLICY_EVENT, stateKey: '' }
const TUPLE = stateTuple(PLACE.type, PLACE.stateKey)

/** A local event that its room's policy server has to sign before it may be sent; it has been built, and no more. */
export class PolicySignatureNeededError extends Error {
  readonly event: RoomEvent
  readonly policy: PolicyServer
  constructor(event: RoomEvent, policy: PolicyServer) {
    super("the room's policy server has not signed the event")
    this.event = event
    this.policy = policy
  }
}

/**
 * The policy server of a room: named by its current state, and with a user in it (server-server API, "Determining if
 * a Policy Server is enabled in a room").
 */
export async function roomPolicyServer(
  { interner, queries }: Pick<RoomServices, 'interner' | 'queries'>,
  room: OpenRoom,
): Promise<PolicyServer | undefined> {
  const stored = (await room.stateEvents(room.head.root, [PLACE])).get(TUPLE)
  if (!stored) return undefined
  const { content } = stored.redactedBy === undefined ? stored.event : redactEvent(stored.event)
  const policy = policyServerOf(content)
  if (!policy) return undefined
  const serverNid = await interner.findServerNid(policy.serverName)
  const joined = serverNid !== undefined && (await isServerJoined(queries, room.head.roomNid, serverNid))
  return joined ? policy : undefined
}

/** Whether the policy server of the room, where it has one, recommends an event. */
export async function isRecommended(
  services: RoomServices,
  room: OpenRoom,
  event: RoomEvent,
): Promise<boolean> {
  if (!isSubjectToPolicy(event)) return true
  const policy = await roomPolicyServer(services, room)
  return !policy || isSignedByPolicyServer(event, policy)
}
