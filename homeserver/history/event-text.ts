import { toClientEvent } from '../../protocol/events/client-format.ts'
import { redactEvent } from '../../protocol/events/redact.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'

// A stored event is replaced by another object when it is redacted, so these texts never grow stale.
const heads = new WeakMap<StoredEvent, string>()
const contents = new WeakMap<StoredEvent, string>()

/** The event as clients may see it: redacted at once where a redaction applies (DESIGN §3.7). */
export function shownEvent(stored: StoredEvent): RoomEvent {
  return stored.redactedBy === undefined ? stored.event : redactEvent(stored.event)
}

/** JSON text of an event in the client format, without its closing brace, `room_id` and `unsigned`. */
export function eventHead(stored: StoredEvent): string {
  let head = heads.get(stored)
  if (head === undefined) {
    head = JSON.stringify(toClientEvent(shownEvent(stored), 'sync')).slice(0, -1)
    heads.set(stored, head)
  }
  return head
}

/** The whole JSON text, without `room_id` and `unsigned`. It is not kept. */
export function clientText(stored: StoredEvent): string {
  return JSON.stringify(toClientEvent(shownEvent(stored), 'sync'))
}

/** JSON text of an event's content, as it is shown. */
export function contentText(stored: StoredEvent): string {
  let text = contents.get(stored)
  if (text === undefined) {
    text = JSON.stringify(shownEvent(stored).content)
    contents.set(stored, text)
  }
  return text
}

/** As `eventHead`, of the redacted form: what is shown of users who have had themselves erased. */
export function erasedHead(stored: StoredEvent): string {
  return JSON.stringify(toClientEvent(redactEvent(stored.event), 'sync')).slice(0, -1)
}
