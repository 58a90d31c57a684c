import { isJsonObject, ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import type { FederationTransport } from '../transport/federation-transport.ts'
import { Answer } from './answer.ts'
import { target } from './target.ts'

/** At most 50 PDUs and 100 EDUs (server-server API, "Transactions"). */
export interface OutgoingTransaction {
  /** The same on every attempt: the receiver handles each id once. */
  readonly transactionId: string
  /** Milliseconds since the epoch. */
  readonly originServerTs: number
  readonly pdus: readonly JsonObject[]
  readonly edus: readonly JsonObject[]
}

export interface TransactionOperations {
  /**
   * Sends a transaction (`PUT /_matrix/federation/v1/send/{txnId}`).
   *
   * @returns what the receiver says against single PDUs, by event id.
   */
  sendTransaction(destination: string, transaction: OutgoingTransaction): Promise<ReadonlyMap<string, string>>
}

export function transactionOperations(transport: FederationTransport): TransactionOperations {
  return {
    async sendTransaction(destination, { transactionId, originServerTs, pdus, edus }) {
      const answer = await transport.request(destination, {
        method: 'PUT',
        target: target('/_matrix/federation/v1/send', [transactionId]),
        body: {
          origin: transport.serverName,
          origin_server_ts: originServerTs,
          pdus: [...pdus],
          ...(edus.length > 0 ? { edus: [...edus] } : {}),
        },
      })
      const results = new Answer(destination, answer).value('pdus')
      return isJsonObject(results) ? errorsOf(results) : new Map()
    },
  }
}

function errorsOf(results: JsonObject): Map<string, string> {
  const errors = new Map<string, string>()
  for (const [eventId, result] of Object.entries(results)) {
    const error = isJsonObject(result) ? ownValue(result, 'error') : undefined
    if (typeof error === 'string') errors.set(eventId, error)
  }
  return errors
}
