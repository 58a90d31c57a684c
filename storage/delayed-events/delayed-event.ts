import type { Selectable } from 'kysely'
import type { RoomNid, UserNid } from '../numeric-ids.ts'
import type { DelayedEventTable } from '../schema/delayed-event.ts'

/** A stored delayed event. Times are milliseconds since the epoch. */
export interface DelayedEvent {
  readonly delayId: string
  readonly userNid: UserNid
  readonly userId: string
  readonly deviceId: string
  readonly roomNid: RoomNid
  readonly roomId: string
  /** Canonical JSON of type, state key and content. */
  readonly draft: string
  readonly delayMs: number
  readonly delayedSinceTs: number
  /** Undefined while it is scheduled. */
  readonly finalised: FinalisedEvent | undefined
}

/** What became of it: sent with `eventId`, failed with `error` (JSON), cancelled with neither. */
export interface FinalisedEvent {
  readonly finalisedTs: number
  readonly eventId?: string | undefined
  readonly error?: string | undefined
}

/** A delayed event as it comes in. */
export interface NewDelayedEvent {
  readonly delayId: string
  readonly userNid: UserNid
  readonly deviceId: string
  readonly requestHash: Buffer | undefined
  readonly roomNid: RoomNid
  readonly draft: string
  readonly delayMs: number
  readonly delayedSinceTs: number
}

/** A row with the ids that its numbers stand for. */
export type DelayedEventRow = Selectable<DelayedEventTable> & {
  readonly user_id: string
  readonly room_id: string
}

/** A row as the rest of the program knows it. */
export function delayedEventOf(row: DelayedEventRow): DelayedEvent {
  return {
    delayId: row.delay_id,
    userNid: row.user_nid,
    userId: row.user_id,
    deviceId: row.device_id,
    roomNid: row.room_nid,
    roomId: row.room_id,
    draft: row.draft,
    delayMs: row.delay_ms,
    delayedSinceTs: row.delayed_since_ts,
    finalised:
      row.finalised_ts === null
        ? undefined
        : {
            finalisedTs: row.finalised_ts,
            ...(row.event_id !== null && { eventId: row.event_id }),
            ...(row.error !== null && { error: row.error }),
          },
  }
}
