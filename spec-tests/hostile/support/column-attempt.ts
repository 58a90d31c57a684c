import type { PeerRoom } from '../../../federation/test-support/peer-room.ts'
import type { TestClient } from '../../support/test-client.ts'
import type { HostileWorld } from './hostile-world.ts'

/** Who and what attempts start from. Bob is the peer's user and has all power in both rooms. */
export interface AttemptScene {
  readonly world: HostileWorld
  readonly alice: TestClient
  readonly oldRoom: PeerRoom
  readonly newRoom: PeerRoom
}

/** What became of a text: stored, and then read back, or refused. */
export type AttemptOutcome =
  | { readonly stored: true; readonly readBack: unknown; readonly expected?: unknown }
  | { readonly stored: false; readonly status: number }

/** One way to a column. */
export interface ColumnAttempt {
  readonly name: string
  readonly columns: readonly string[]
  run(scene: AttemptScene, text: string): Promise<AttemptOutcome>
}

/** A text in a path, as bytes that are no UTF-8 where it is no well-formed text. */
export function inPath(text: string): string {
  return Array.from(text, (point) => (point.isWellFormed() ? encodeURIComponent(point) : '%ED%A0%80')).join(
    '',
  )
}

export const V3 = '/_matrix/client/v3'

/** Sends a client's request, and reads back where it was taken. */
export async function attempt(
  client: TestClient,
  method: string,
  path: string,
  body: unknown,
  readBack?: (answer: Readonly<Record<string, unknown>>) => Promise<unknown>,
  expected?: unknown,
): Promise<AttemptOutcome> {
  const { status, body: answer } = await client.request(method, path, body)
  if (status >= 300) return { stored: false, status }
  const found = readBack ? await readBack(answer) : undefined
  return { stored: true, readBack: found, ...(expected !== undefined && { expected }) }
}
