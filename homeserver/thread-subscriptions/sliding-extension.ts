import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { Queries } from '../../storage/database.ts'
import { STREAM_START } from '../../storage/position/position.ts'
import { threadSubscriptionChanges } from '../../storage/relations/thread-subscription-reader.ts'
import type { SlidingExtension } from '../sliding-sync/extensions/sliding-extension.ts'
import { changesJson, DEFAULT_CHANGES, MAX_CHANGES } from './changes-text.ts'

/**
 * Tells sliding syncs of subscriptions to threads (MSC4308): the newest changes since the last answer, and from where
 * to page to the older ones. Threads that were left are no news to who begins.
 */
export function threadSubscriptionsExtension(queries: Queries): SlidingExtension {
  return {
    key: 'io.element.msc4308.thread_subscriptions',
    read: async ({ userNid }, request, { after, upTo }) => {
      const limit = limitIn(request)
      const changes = await threadSubscriptionChanges(queries, userNid, {
        after: after ?? STREAM_START,
        upTo,
        limit: limit + 1,
        subscribedOnly: after === undefined,
      })
      const { older, ...shown } = changesJson(changes, limit)
      return { text: JSON.stringify({ ...shown, prev_batch: older }), hasNews: changes.length > 0 }
    },
  }
}

function limitIn(request: JsonObject): number {
  const limit = ownValue(request, 'limit') ?? DEFAULT_CHANGES
  if (Number.isSafeInteger(limit) && Number(limit) > 0) return Math.min(Number(limit), MAX_CHANGES)
  throw new MatrixError(400, 'M_INVALID_PARAM', '`limit` of the extension must be a positive integer')
}
