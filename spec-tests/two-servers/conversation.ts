import { eventually } from '../support/eventually.ts'
import { say } from '../support/js-sdk-send.ts'
import type { SdkUser } from '../support/js-sdk.ts'

/** A message that a server has acknowledged to its sender. */
export interface Acknowledged {
  readonly sender: string
  readonly body: string
  readonly eventId: string
}

/** What of a conversation has been acknowledged; the order of one sender is the order of sending. */
export class Conversation {
  readonly acknowledged: Acknowledged[] = []
  readonly #counts = new Map<string, number>()

  /** One message, with a body that is unique and tells its place among its sender's. */
  async say(user: SdkUser, roomId: string): Promise<string | undefined> {
    const number = (this.#counts.get(user.userId) ?? 0) + 1
    this.#counts.set(user.userId, number)
    const body = `${user.userId} says ${number}`
    const eventId = await say(user, roomId, body)
    if (eventId !== undefined) this.acknowledged.push({ sender: user.userId, body, eventId })
    return eventId
  }

  /** All of them at once, each one message after the other. */
  async all(users: readonly SdkUser[], roomId: string, each: number): Promise<void> {
    await Promise.all(
      users.map(async (user) => {
        for (let count = 0; count < each; count++) await this.say(user, roomId)
      }),
    )
  }

  /** Waits until this many have been acknowledged in all. */
  async reaches(count: number): Promise<void> {
    await eventually(`${count} acknowledged messages`, () => this.acknowledged.length >= count)
  }
}

/** The place among its sender's messages that a body tells; undefined for another's body. */
export function placeOf(body: string, sender: string): number | undefined {
  const prefix = `${sender} says `
  return body.startsWith(prefix) ? Number(body.slice(prefix.length)) : undefined
}
