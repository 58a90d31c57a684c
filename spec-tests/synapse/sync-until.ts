import { eventually } from '../support/eventually.ts'
import type { Json, TestClient } from '../support/test-client.ts'

/** The part of a room in an answer of `/sync` that the tests look at. */
export interface SyncedRooms {
  readonly invite?: Readonly<Record<string, { invite_state: { events: readonly Json[] } }>>
  readonly join?: Readonly<Record<string, { ephemeral: { events: readonly Json[] } }>>
}

/**
 * Syncs from the beginning and on from there until an answer has what is looked for. A client that only began anew
 * would be told the same for two minutes: Synapse keeps such an answer.
 */
export function syncUntil<T>(
  what: string,
  user: TestClient,
  look: (rooms: SyncedRooms) => T | undefined | false,
): Promise<T> {
  let since: string | undefined
  return eventually(what, async () => {
    const answer = await user.sync({ timeout: '0', ...(since !== undefined && { since }) })
    since = String(answer['next_batch'])
    return look((answer['rooms'] ?? {}) as SyncedRooms)
  })
}
