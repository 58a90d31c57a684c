import { setImmediate as nextTurn } from 'node:timers/promises'
import type { JsonValue } from '../../protocol/json/value.ts'
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts'
import type { KeyRing } from './key-ring.ts'
import { checkPduAside, keyRequests, readPdu, type PduVerification } from './verification/check-pdu.ts'

export type { PduVerification } from './verification/check-pdu.ts'

/** PDUs that are read, or whose signatures are under way in other threads, before other work gets its turn. */
const CHECKS_PER_TURN = 50

/**
 * The first three checks on received PDUs of one room version: format, signatures, content hash (server-server
 * API, "Checks performed on receipt of a PDU"). The keys of all of them are gathered in one go. Whole states are
 * read and checked in threads of their own: see `verification/`.
 *
 * @returns one result for each PDU, in their order.
 */
export async function verifyPdus(
  keyRing: KeyRing,
  pdus: readonly JsonValue[],
  version: RoomVersionRules,
): Promise<PduVerification[]> {
  const read: ReturnType<typeof readPdu>[] = []
  for (const [index, pdu] of pdus.entries()) {
    if (index % CHECKS_PER_TURN === CHECKS_PER_TURN - 1) await nextTurn()
    read.push(readPdu(pdu, version))
  }
  const keys = await keyRing.keysFor(read.flatMap((event) => ('ok' in event ? [] : keyRequests(event))))
  const results: PduVerification[] = []
  for (let from = 0; from < read.length; from += CHECKS_PER_TURN) {
    const some = read.slice(from, from + CHECKS_PER_TURN)
    results.push(
      ...(await Promise.all(some.map((event) => ('ok' in event ? event : checkPduAside(event, keys))))),
    )
  }
  return results
}
