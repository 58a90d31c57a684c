import type { UserNid } from '../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import type { Inbox } from './inbox.ts'

/** Gives every `/sync` answer the messages for its device (client-server API, "Send-to-Device messaging"). */
export class InboxProvider {
  readonly #inbox: Inbox

  constructor(inbox: Inbox) {
    this.#inbox = inbox
  }

  async read(
    { userNid, deviceId }: { readonly userNid: UserNid; readonly deviceId: string | undefined },
    stretch: {
      readonly after: StreamPosition | undefined
      readonly upTo: StreamPosition
      readonly received: StreamPosition | undefined
    },
  ): Promise<{ fields: Record<string, string>; hasNews: boolean }> {
    if (deviceId === undefined) return { fields: {}, hasNews: false }
    const { after, upTo, received } = stretch
    const events = await this.#inbox.read({ userNid, deviceId, after, upTo, received })
    return { fields: { to_device: `{"events":[${events.join(',')}]}` }, hasNews: events.length > 0 }
  }
}
