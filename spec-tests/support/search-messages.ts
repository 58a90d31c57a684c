import type { Json, TestClient } from './test-client.ts'

/** What `POST /search` answers of `room_events`. */
export interface FoundMessages {
  readonly count: number
  readonly highlights: readonly string[]
  readonly results: readonly {
    readonly rank: number
    readonly result: { readonly event_id: string; readonly room_id: string; readonly content: Json }
    readonly context?: Json
  }[]
  readonly next_batch?: string
  readonly groups?: Record<string, Record<string, { results: string[]; next_batch?: string; order: number }>>
  readonly state?: Record<string, Json[]>
}

/** Searches messages. */
export async function searchMessages(
  client: TestClient,
  term: string,
  criteria: Json = {},
  nextBatch?: string,
): Promise<FoundMessages> {
  const query = nextBatch === undefined ? '' : `?next_batch=${encodeURIComponent(nextBatch)}`
  const body = { search_categories: { room_events: { search_term: term, ...criteria } } }
  const answer = await client.call('POST', `/search${query}`, body)
  return (answer['search_categories'] as { room_events: FoundMessages }).room_events
}

/** The ids of what was found, in its order. */
export function foundIds(found: FoundMessages): string[] {
  return found.results.map(({ result }) => result.event_id)
}
