import { ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import { isAfter, streamPosition, type StreamPosition } from '../../storage/position/position.ts'
import { MAX_MESSAGES, type Inbox } from './inbox.ts'

/** A position, which is at most 2^53 − 1. */
const TOKEN = /^\d{1,15}$/

/**
 * The to-device extension of sliding sync (MSC3885). It goes by a token of its own, so that messages outlive the
 * connection that asks for them: only what is told with `since` has arrived.
 */
export class InboxExtension {
  readonly key = 'to_device'
  readonly #inbox: Inbox

  constructor(inbox: Inbox) {
    this.#inbox = inbox
  }

  async read(
    { userNid, deviceId }: { readonly userNid: UserNid; readonly deviceId: string | undefined },
    request: JsonObject,
    { upTo }: { readonly upTo: StreamPosition },
  ): Promise<{ text: string; hasNews: boolean }> {
    const since = readToken(ownValue(request, 'since'), upTo)
    const limit = readLimit(ownValue(request, 'limit'))
    const events =
      deviceId === undefined
        ? []
        : await this.#inbox.read({ userNid, deviceId, after: since, upTo, received: since }, limit)
    const text = `{"next_batch":"${upTo}","events":[${events.join(',')}]}`
    return { text, hasNews: events.length > 0 }
  }
}

/** What is no token of this server, or one that it no longer remembers giving out, begins anew: nothing is lost. */
function readToken(since: unknown, head: StreamPosition): StreamPosition | undefined {
  if (typeof since !== 'string' || !TOKEN.test(since)) return undefined
  const position = streamPosition(Number(since))
  return isAfter(position, head) ? undefined : position
}

function readLimit(limit: unknown): number {
  return typeof limit === 'number' && limit >= 1 ? Math.min(limit, MAX_MESSAGES) : MAX_MESSAGES
}
