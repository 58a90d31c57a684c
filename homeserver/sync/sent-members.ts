import { LRUCache } from 'lru-cache'
import type { EventNid, RoomNid, StateKeyNid } from '../../storage/numeric-ids.ts'
import type { Viewer } from '../history/read-services.ts'

/** Devices that load members lazily at the same time. */
const MAX_DEVICES = 5_000
/** Senders that a device is assumed to remember; about 100 bytes each. */
export const MAX_MEMBERS_OF_DEVICE = 500

type Sent = LRUCache<string, EventNid>

/** A membership event at its place. */
export interface SentMember {
  readonly roomNid: RoomNid
  readonly stateKeyNid: StateKeyNid
  readonly eventNid: EventNid
}

/** Which membership events each device has been sent, so that lazy loading repeats few of them. */
export class SentMembers {
  readonly #devices = new LRUCache<string, Sent>({ max: MAX_DEVICES })

  /** A device that begins anew knows nobody. */
  forget(viewer: Viewer): void {
    this.#devices.delete(keyOf(viewer))
  }

  /** Whether this very event was sent to the device before. */
  has(viewer: Viewer, roomNid: RoomNid, stateKeyNid: StateKeyNid, eventNid: EventNid): boolean {
    return this.#devices.get(keyOf(viewer))?.get(`${roomNid}/${stateKeyNid}`) === eventNid
  }

  /** The device is being sent membership events. */
  add(viewer: Viewer, members: readonly SentMember[]): void {
    if (members.length === 0) return
    let sent = this.#devices.get(keyOf(viewer))
    if (!sent) {
      sent = new LRUCache({ max: MAX_MEMBERS_OF_DEVICE })
      this.#devices.set(keyOf(viewer), sent)
    }
    // More would only push out those before them.
    for (const { roomNid, stateKeyNid, eventNid } of members.slice(-MAX_MEMBERS_OF_DEVICE)) {
      sent.set(`${roomNid}/${stateKeyNid}`, eventNid)
    }
  }
}

function keyOf({ userNid, deviceId }: Viewer): string {
  return `${userNid}/${deviceId}`
}
