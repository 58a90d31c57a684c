import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import type { VerifiedOrigin } from '../authenticate.ts'
import type { InboundContext } from '../inbound-context.ts'
import { receiveEvents, type PduResults } from '../receive-event.ts'
import { eventIdsOf } from '../receipt/event-ids-of.ts'
import { receiveOutside } from '../receipt/receive-outside.ts'
import { joinedRoom } from '../resident-room.ts'
import { isAllowedByAcl } from '../server-acl.ts'
import type { Edu, Transaction } from './read-transaction.ts'

/** Receives the events of a transaction, each room's in their order, then its ephemeral messages. */
export async function receiveTransaction(
  context: InboundContext,
  origin: VerifiedOrigin,
  { pdus, edus }: Transaction,
): Promise<PduResults> {
  const results: PduResults = new Map()
  // All rooms at once, as many as a transaction can name: what they write shares commits.
  const rooms = [...Map.groupBy(pdus, (pdu) => ownValue(pdu, 'room_id'))]
  await Promise.all(
    rooms.map(async ([roomId, ofRoom]) => {
      if (typeof roomId !== 'string') return
      for (const [eventId, error] of await receiveOfRoom(context, origin, roomId, ofRoom)) {
        results.set(eventId, error)
      }
    }),
  )
  for (const run of runsOf(edus)) await receiveEdus(context, origin, run)
  return results
}

async function receiveOfRoom(
  context: InboundContext,
  origin: VerifiedOrigin,
  roomId: string,
  pdus: readonly JsonObject[],
): Promise<PduResults> {
  const room = await joinedRoom(context, roomId)
  if (!room) return receiveOutside(context, roomId, pdus)
  if (await isAllowedByAcl(room, origin)) return receiveEvents(context, room, origin, pdus)
  const refusal = "The room's access control list shuts your server out."
  return new Map(eventIdsOf(pdus, room.head.version).map((eventId) => [eventId, refusal]))
}

/** Ephemeral messages of one type. */
interface Run {
  readonly type: string
  readonly contents: JsonObject[]
}

function runsOf(edus: readonly Edu[]): Run[] {
  const runs: Run[] = []
  for (const { type, content } of edus) {
    if (runs.at(-1)?.type !== type) runs.push({ type, contents: [] })
    runs.at(-1)!.contents.push(content)
  }
  return runs
}

async function receiveEdus(
  { edus, log }: InboundContext,
  origin: VerifiedOrigin,
  { type, contents }: Run,
): Promise<void> {
  try {
    await edus.get(type)?.(origin, contents)
  } catch (error) {
    log.warn({ origin, edu: type, err: error }, 'ephemeral messages could not be handled')
  }
}
