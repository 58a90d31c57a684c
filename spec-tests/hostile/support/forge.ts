import type { ScriptedPeer } from '../../../federation/test-support/scripted-peer.ts'
import { withContentHash } from '../../../protocol/events/content-hash.ts'
import { eventIdOf } from '../../../protocol/events/event-id.ts'
import { signPdu } from '../../../protocol/events/sign.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts'

/** An event whose hash and signature are right, whatever its fields say. */
export interface ForgedPdu {
  readonly pdu: JsonObject
  readonly eventId: string
}

/** Hashes and signs what a server that keeps no rules would send. Also what strict versions forbid is signed. */
export function forge(peer: ScriptedPeer, fields: JsonObject, version: RoomVersionRules): ForgedPdu {
  const { hashes: _, signatures: __, ...bare } = fields
  const lenient = { ...version, strictCanonicalJson: false }
  const pdu = signPdu(withContentHash(bare, lenient), lenient, peer.server.ownKeys.signer)
  return { pdu, eventId: eventIdOf(pdu, lenient) }
}
