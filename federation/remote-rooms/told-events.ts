import type { SignedPdu } from '../../protocol/events/room-event.ts'
import type { TakeItems } from '../client/stream/take-items.ts'
import { readCheckedPdu } from '../keys/verification/verification-threads.ts'
import { EventChecks, type EventCheckDependencies } from './event-checks.ts'
import type { RoomOfVersion } from './verified-events.ts'

/** Gathers the events of an answer that is read as it comes, those that `EventChecks` hands on. */
export class ToldEvents {
  readonly take: TakeItems
  readonly #checks: EventChecks
  readonly #told = new Map<string, SignedPdu[]>()

  constructor(dependencies: EventCheckDependencies, room: RoomOfVersion) {
    this.#checks = new EventChecks(dependencies, room, (list, events) => {
      const told = this.#told.get(list) ?? []
      this.#told.set(list, told)
      for (const event of events) told.push(readCheckedPdu(event, room.version))
    })
    this.take = this.#checks.take
  }

  /** The events of a list, in their order of arrival by batches. To be called when all have come. */
  async of(list: string): Promise<SignedPdu[]> {
    await this.#checks.end()
    return this.#told.get(list) ?? []
  }
}
