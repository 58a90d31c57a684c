import type { RoomEvent } from '../../protocol/events/room-event.ts'
import type { EventNid, StateKeyNid, TypeNid, UserNid } from '../../storage/numeric-ids.ts'
import type { RoomServices } from './room-services.ts'

/** The numbers of an event and of what it names. */
export interface EventNumbers {
  readonly eventNid: EventNid
  readonly typeNid: TypeNid
  readonly stateKeyNid: StateKeyNid | undefined
  readonly senderNid: UserNid
}

/** Finds or makes the numbers of an event. They are committed beforehand, apart from the event's own. */
export async function internEvent(
  { interner, eventNids }: RoomServices,
  event: RoomEvent,
  knownNid: EventNid | undefined,
): Promise<EventNumbers> {
  return {
    eventNid: knownNid ?? (await eventNids.next()),
    typeNid: interner.peekTypeNid(event.type) ?? (await interner.typeNid(event.type)),
    stateKeyNid: event.stateKey === undefined ? undefined : await interner.stateKeyNid(event.stateKey),
    senderNid: interner.peekUserNid(event.sender) ?? (await interner.userNid(event.sender)),
  }
}
