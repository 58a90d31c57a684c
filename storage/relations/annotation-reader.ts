import type { Queries } from '../database.ts'
import type { RoomNid, TypeNid, UserNid } from '../numeric-ids.ts'

/** One user's annotation of an event. */
export interface Annotation {
  readonly roomNid: RoomNid
  readonly parentEventId: string
  readonly senderNid: UserNid
  readonly typeNid: TypeNid
  readonly keyHash: Buffer
}

/** Whether it is there already. */
export async function hasAnnotated(queries: Queries, annotation: Annotation): Promise<boolean> {
  const row = await queries
    .selectFrom('event_relation')
    .select('event_nid')
    .where('room_nid', '=', annotation.roomNid)
    .where('parent_event_id', '=', annotation.parentEventId)
    .where('rel_type', '=', Buffer.from('m.annotation'))
    .where('sender_nid', '=', annotation.senderNid)
    .where('type_nid', '=', annotation.typeNid)
    .where('key_hash', '=', annotation.keyHash)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
