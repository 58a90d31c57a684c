import { isJsonObject, type JsonObject, ownValue } from '../json/value.ts'

/** What push rules ask about the room and the owner of the rules, apart from the event. */
export interface PushContext {
  /** The owner's display name in the room. */
  readonly displayName: string | undefined
  /** How many users are joined. */
  readonly memberCount: number
  /** The power level of the event's sender; infinite for a creator from room version 12 on. */
  readonly senderPower: number | bigint
  /** Whether the owner follows the thread of the event; undefined in no thread, or where nobody asks. */
  readonly inSubscribedThread?: boolean | undefined
  /** The content of the room's `m.room.power_levels`, if it has one. */
  readonly powerLevels: JsonObject | undefined
}

/** What it takes to notify a whole room where the power levels do not say (`m.room.power_levels`). */
const DEFAULT_NOTIFICATION_LEVEL = 50

/** Whether the event's sender may trigger notifications of a type, `room` for example. */
export function senderMayNotify(context: PushContext, type: string): boolean {
  const levels = context.powerLevels && ownValue(context.powerLevels, 'notifications')
  const level = isJsonObject(levels) ? ownValue(levels, type) : undefined
  return context.senderPower >= (typeof level === 'number' ? level : DEFAULT_NOTIFICATION_LEVEL)
}
