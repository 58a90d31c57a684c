import { jsonText } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import type { InboundContext } from '../inbound-context.ts'
import { answeredTransactions } from './answered-transactions.ts'
import { readTransaction } from './read-transaction.ts'
import { receiveTransaction } from './receive-transaction.ts'
import { signedEndpoint } from '../signed-endpoint.ts'

/** 200 times the largest event: what deployed servers send at most, with all that `unsigned` may add. */
const MAX_TRANSACTION_BYTES = 200 * 65_536

/** `PUT /_matrix/federation/v1/send/{txnId}`: events and ephemeral messages as they happen. */
export function sendRoutes(context: InboundContext): Routes {
  const routes = declareRoutes()
  const answered = answeredTransactions(context.rooms)
  routes.put(
    '/_matrix/federation/v1/send/:txnId',
    signedEndpoint(context.transactionGate(MAX_TRANSACTION_BYTES), async (request, { origin }) => {
      const transaction = readTransaction(await request.object({ maxBytes: MAX_TRANSACTION_BYTES }))
      const response = await answered.once(origin, request.param('txnId'), async () => {
        const results = await receiveTransaction(context, origin, transaction)
        const pdus = Array.from(results, ([eventId, error]) => [
          eventId,
          error === undefined ? {} : { error },
        ])
        return JSON.stringify({ pdus: Object.fromEntries(pdus) })
      })
      return jsonText(response)
    }),
  )
  return routes
}
