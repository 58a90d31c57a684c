import { eventHead } from '../../homeserver/history/event-text.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'

/** An event as JSON text in the format for clients, redacted where a redaction applies. */
export function clientEventText(stored: StoredEvent): string {
  const { roomId, originServerTs } = stored.event
  const age = Math.max(0, Date.now() - originServerTs)
  return `${eventHead(stored)},"room_id":${JSON.stringify(roomId)},"unsigned":{"age":${age}}}`
}

/** A JSON list of them. */
export function clientEventsText(events: readonly StoredEvent[]): string {
  return `[${events.map(clientEventText).join(',')}]`
}

/** The same of events that come in pages, of which only the texts are kept. */
export async function clientEventsTextOf(pages: AsyncIterable<readonly StoredEvent[]>): Promise<string> {
  const texts: string[] = []
  for await (const page of pages) texts.push(...page.map(clientEventText))
  return `[${texts.join(',')}]`
}
