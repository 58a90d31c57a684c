/** What the scenarios read from an event; servers send more. */
export interface ClientEvent {
  event_id: string
  type: string
  content: { body?: string }
}

export interface JoinedRoom {
  timeline?: { events: ClientEvent[]; limited?: boolean }
}

export interface SyncAnswer {
  next_batch: string
  rooms?: { join?: Record<string, JoinedRoom> }
}

export interface MessagesPage {
  chunk: ClientEvent[]
  end?: string
}
