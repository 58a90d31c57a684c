import type { Size } from './size.ts'
import type { SyncCase } from './case.ts'

interface Room {
  readonly timeline: { readonly events: readonly { readonly sender: string }[] }
  readonly state: { readonly events: readonly { readonly type: string; readonly state_key: string }[] }
}

/** Checks one answer of a case; returns a sentence for each way in which it is not what was asked for. */
export function faultsOf(answer: unknown, { query, catchesUp }: SyncCase, size: Size): string[] {
  const join = (answer as { rooms?: { join?: Record<string, Room> } }).rooms?.join ?? {}
  const rooms = Object.values(join)
  const { timeline, state } = (JSON.parse(query['filter'] ?? '{}') as { room: Wishes }).room
  const faults: string[] = []
  if (rooms.length !== size.rooms) faults.push(`${rooms.length} of ${size.rooms} rooms`)
  const short = rooms.filter((room) => room.timeline.events.length !== timeline.limit).length
  if (short > 0) faults.push(`${short} rooms without ${timeline.limit} events`)
  const nameless = rooms.filter((room) => !knowsSenders(room)).length
  if (!catchesUp && nameless > 0)
    faults.push(`${nameless} rooms with senders whose member events are missing`)
  const all = rooms.filter((room) => membersOf(room).size === size.membersPerRoom).length
  if (!state.lazy_load_members && all !== rooms.length) faults.push(`all members in ${all} rooms only`)
  return faults
}

interface Wishes {
  readonly timeline: { readonly limit: number }
  readonly state: { readonly lazy_load_members: boolean }
}

function membersOf(room: Room): Set<string> {
  const members = room.state.events.filter(({ type }) => type === 'm.room.member')
  return new Set(members.map(({ state_key }) => state_key))
}

function knowsSenders(room: Room): boolean {
  const members = membersOf(room)
  return room.timeline.events.every(({ sender }) => members.has(sender))
}
