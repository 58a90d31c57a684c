import type { CommittedWrite } from '../../storage/position/committed-write.ts'
import { TO_DEVICE_PAGE } from '../../storage/e2ee/to-device-page.ts'
import { readInbox, type InboxStretch } from '../../storage/e2ee/to-device-inbox.ts'
import { EmptyInboxes } from './empty-inboxes.ts'
import type { ToDeviceServices } from './to-device-services.ts'

/** Messages of one answer, as the specification recommends. */
export const MAX_MESSAGES = 100

/** What waits for each device of ours. */
export class Inbox {
  readonly #services: Pick<ToDeviceServices, 'queries' | 'committer'>
  readonly #empty = new EmptyInboxes()

  constructor(services: Pick<ToDeviceServices, 'queries' | 'committer'>) {
    this.#services = services
  }

  /**
   * The next messages for a device, in order, as JSON texts; what has arrived is deleted. Where more wait, the head
   * of the stream has moved on when this resolves, so that they are news to whoever comes with a token of `upTo`.
   */
  async read(stretch: InboxStretch, limit = MAX_MESSAGES): Promise<string[]> {
    const { userNid, deviceId, after, received } = stretch
    if (this.#empty.has(userNid, deviceId)) return []
    const wasEmpty = this.#empty.look(userNid, deviceId)
    const messages = await readInbox(this.#services.queries, stretch, limit + 1)
    // Otherwise messages may be left that have been told and not yet acknowledged.
    if (messages.length === 0 && after === received) wasEmpty()
    if (messages.length > limit) {
      messages.pop()
      const throughSeq = messages.at(-1)!.seq
      await this.#services.committer.submit(TO_DEVICE_PAGE, { userNid, deviceId, throughSeq })
    }
    return messages.map(({ event }) => event)
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    this.#empty.absorb(writes)
  }
}
