import { ownValue, type JsonValue } from '../../protocol/json/value.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'

/** What is looked at of an event. */
export type Told = Pick<StoredEvent, 'eventNid' | 'historyPos'> & {
  readonly event: Pick<RoomEvent, 'content'>
}

/** What an event said at some time, and in which stretch of the room's history. */
export interface TextVersion {
  readonly content: JsonValue | undefined
  /** The event's own place. */
  readonly historyPos: number
  /** Who gave the text: the event or an edit; and where that stands. */
  readonly textNid: EventNid
  readonly textPos: number
  /** Where the next version begins; undefined for the newest. */
  readonly replacedPos: number | undefined
}

/**
 * What an event and its edits said, one after the other as they came into the room's history: who left in between has
 * the version of then.
 *
 * @param newestFirst usable edits in the order in which they count, the one that counts at the head.
 */
export function versionsOf(event: Told, newestFirst: readonly Told[]): TextVersion[] {
  const { historyPos } = event
  if (historyPos === undefined) return []
  const versions: TextVersion[] = [
    {
      content: event.event.content,
      historyPos,
      textNid: event.eventNid,
      textPos: historyPos,
      replacedPos: undefined,
    },
  ]
  const rankOf = new Map(newestFirst.map(({ eventNid }, index) => [eventNid, index]))
  let best = newestFirst.length
  for (const edit of newestFirst.toSorted((a, b) => (a.historyPos ?? 0) - (b.historyPos ?? 0))) {
    const rank = rankOf.get(edit.eventNid)!
    if (edit.historyPos === undefined || rank > best) continue
    best = rank
    const textPos = Math.max(edit.historyPos, historyPos)
    const last = versions.pop()!
    if (last.textPos < textPos) versions.push({ ...last, replacedPos: textPos })
    const content = ownValue(edit.event.content, 'm.new_content')
    versions.push({ content, historyPos, textNid: edit.eventNid, textPos, replacedPos: undefined })
  }
  return versions
}
