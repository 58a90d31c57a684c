import type { SignedPdu } from '../../protocol/events/room-event.ts'
import { storedFromRow } from '../../storage/events/stored-event.ts'
import { LEARNT_EVENTS } from '../../storage/federation/learnt-events-write.ts'
import type { HandledIntent } from './handle-intent.ts'
import { learnEvents } from './learn-events.ts'
import type { OpenRoom } from './open-room.ts'
import type { LearnStateIntent } from './room-intent.ts'
import type { RoomServices } from './room-services.ts'

/**
 * Stores what another server told of a state of the room, as outliers: the result names the state's root. Auth
 * events alone are learnt in the same way, as an auth chain without a state.
 */
export async function learnState(
  services: RoomServices,
  room: OpenRoom,
  intent: LearnStateIntent,
): Promise<HandledIntent> {
  const { roomNid, lease } = room.head
  const grounded = await groundedEvents(room, [...intent.authChain, ...intent.state])
  const learnt = await learnEvents(
    services,
    room,
    intent.state.filter(({ eventId }) => grounded.has(eventId)),
    intent.authChain.filter(({ eventId }) => grounded.has(eventId)),
  )
  const { root, newNodes } = services.trie.build(roomNid, learnt.state)
  const outliers = learnt.rows.map((row) => storedFromRow(row, roomNid))
  for (const stored of outliers) room.addPending(stored)
  const staged = services.trie.stage(newNodes)
  const write = { lease, roomNid, rows: learnt.rows, stateNodes: newNodes }
  const committed = services.committer.submit(LEARNT_EVENTS, write).then(
    () => {
      staged.committed()
      for (const stored of outliers) room.forgetPending(stored)
      return { eventIds: [], events: [], stateRoot: root }
    },
    (error: unknown) => {
      staged.discarded()
      throw error
    },
  )
  return { room, committed }
}

/**
 * The told events whose auth chain is whole, told or here. The others are left out instead of being judged: to
 * reject them for good for what their teller left out would let it cut us off from the room.
 */
async function groundedEvents(room: OpenRoom, told: readonly SignedPdu[]): Promise<ReadonlySet<string>> {
  const grounded = new Map(told.map((event) => [event.eventId, event]))
  const dependents = new Map<string, string[]>()
  const distant = new Set<string>()
  for (const event of grounded.values()) {
    for (const cause of event.authEvents) {
      if (!grounded.has(cause)) distant.add(cause)
      const known = dependents.get(cause)
      if (known) known.push(event.eventId)
      else dependents.set(cause, [event.eventId])
    }
  }
  const here = await room.events([...distant])
  const missing = [...distant].filter((id) => !here.has(id))
  const baseless = new Set<string>()
  for (let id = missing.pop(); id !== undefined; id = missing.pop()) {
    for (const dependent of dependents.get(id) ?? []) {
      if (baseless.has(dependent)) continue
      baseless.add(dependent)
      missing.push(dependent)
    }
  }
  return new Set([...grounded.keys()].filter((id) => !baseless.has(id)))
}
