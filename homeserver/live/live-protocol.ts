import type { Session } from '../accounts/sessions.ts'
import type { PresenceState } from '../presence/presence-status.ts'
import type { SyncRequest } from '../sync/sync-request.ts'

/** What the first frame of a socket says, checked. */
export interface LiveHello {
  readonly session: Session
  readonly request: Omit<SyncRequest, 'signal' | 'timeoutMs'>
  readonly presence: PresenceState
  /** Asks again whether the session holds. @throws MatrixError 401 when it has ended. */
  confirm(): Promise<void>
}

/** Reads what clients send. */
export interface LiveProtocol {
  /** @throws MatrixError for whatever is wrong with a first frame, or with the access token in it. */
  readHello(frame: Uint8Array, address: string): Promise<LiveHello>
  /** The token that a later frame acknowledges. @throws MatrixError 400. */
  readAcknowledgement(frame: Uint8Array): string
}
