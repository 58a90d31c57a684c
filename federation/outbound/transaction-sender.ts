import type { JsonObject } from '../../protocol/json/value.ts'
import type { RetryPolicy } from '../client/backoff/retry-policy.ts'
import type { CatchUp } from './catch-up.ts'
import type { DurableEdus } from './edu-source.ts'

/** What the senders of all destinations share. */
export interface TransactionSender {
  readonly catchUp: Pick<CatchUp, 'next'>
  readonly retryPolicy: RetryPolicy
  /** When a destination may be asked again, in milliseconds since the epoch. */
  retryAt(serverName: string): Promise<number>
  /** Sends one transaction, in its turn among those to all destinations. @throws FederationRequestError */
  send(serverName: string, pdus: readonly JsonObject[], edus: readonly JsonObject[]): Promise<void>
  durableEdus(serverName: string, limit: number): Promise<DurableEdus>
  now(): number
  /** Told of what went wrong on our side. */
  onError(serverName: string, error: unknown): void
}
