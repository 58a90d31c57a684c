import type { Queries } from '../../storage/database.ts'
import type { EventStore } from '../../storage/events/event-store.ts'
import type { Interner } from '../../storage/interning/interner.ts'
import type { Committer } from '../../storage/position/committer.ts'
import type { DestinationBackoff } from '../client/backoff/destination-backoff.ts'
import type { RetryPolicy } from '../client/backoff/retry-policy.ts'
import type { FederationClient } from '../client/federation-client.ts'
import type { FederationLog } from '../client/transport/federation-log.ts'
import { CatchUp } from './catch-up.ts'
import type { DurableEdus, EduSource } from './edu-source.ts'
import type { TransactionSender } from './transaction-sender.ts'
import { transactionSlots } from './transaction-slots.ts'
import type { PartialRooms } from '../../homeserver/rooms/partial-state/partial-rooms.ts'

/** What sending to other servers stands on. */
export interface OutboundDependencies {
  readonly serverName: string
  readonly client: Pick<FederationClient, 'sendTransaction'>
  readonly backoff: DestinationBackoff
  readonly retryPolicy: RetryPolicy
  readonly queries: Queries
  readonly committer: Committer
  readonly events: EventStore
  readonly interner: Interner
  readonly partial: Pick<PartialRooms, 'serversOf'>
  readonly log: FederationLog
  /** Milliseconds since the epoch. */
  now(): number
}

/** What the senders of all destinations share. Transaction ids differ from those of earlier runs. */
export function sharedSender(
  { client, backoff, retryPolicy, queries, events, interner, log, serverName, now }: OutboundDependencies,
  sources: readonly EduSource[],
): TransactionSender {
  const inTurn = transactionSlots()
  const run = now().toString(36)
  let count = 0

  return {
    catchUp: new CatchUp(queries, events, interner, serverName),
    retryPolicy,
    now,
    retryAt: (destination) => backoff.retryAt(destination),

    async send(destination, pdus, edus) {
      const transactionId = `${run}.${(++count).toString(36)}`
      const transaction = { transactionId, originServerTs: now(), pdus, edus }
      const errors = await inTurn(() => client.sendTransaction(destination, transaction))
      for (const [eventId, reason] of errors) log.debug({ destination, eventId, reason }, 'event refused')
    },

    async durableEdus(destination, max) {
      const taken: DurableEdus[] = []
      let left = max
      for (const source of sources) {
        if (left === 0) break
        const next = await source.next(destination, left)
        left -= next.edus.length
        taken.push(next)
      }
      return {
        edus: taken.flatMap(({ edus }) => edus),
        delivered: async () => void (await Promise.all(taken.map((next) => next.delivered()))),
      }
    },

    onError: (destination, error) =>
      log.warn({ destination, err: error }, 'sending to another server failed here'),
  }
}
