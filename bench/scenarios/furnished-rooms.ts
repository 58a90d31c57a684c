import type { MatrixUser } from '../client/matrix-user.ts'
import type { Registration } from '../client/registration.ts'

export const ROOMS = 100
const MESSAGES_PER_ROOM = 5

/** Members of all the rooms beside their owner; each makes initial syncs. */
export const MEMBERS = 10

export interface FurnishedRooms {
  members: MatrixUser[]
  /** Room id to the newest event in it. */
  newest: ReadonlyMap<string, string>
}

const furnished = new WeakMap<Registration, Promise<FurnishedRooms>>()

/** Rooms with a name, an owner, members and a little history; furnished once for all scenarios of a run. */
export function furnishedRooms(accounts: Registration): Promise<FurnishedRooms> {
  const rooms = furnished.get(accounts) ?? furnish(accounts)
  furnished.set(accounts, rooms)
  return rooms
}

async function furnish(accounts: Registration): Promise<FurnishedRooms> {
  const owner = await accounts.user('landlord')
  const members = await accounts.users('tenant', MEMBERS)
  const roomIds: string[] = []
  while (roomIds.length < ROOMS) roomIds.push(await owner.createPublicRoom(`Room ${roomIds.length}`))
  await Promise.all(
    members.map(async (member) => {
      for (const roomId of roomIds) await member.join(roomId)
    }),
  )
  const newest = new Map<string, string>()
  for (let turn = 0; turn < MESSAGES_PER_ROOM; turn++) {
    for (const roomId of roomIds) newest.set(roomId, await owner.sendText(roomId, `message ${turn}`))
  }
  return { members, newest }
}

/** Compares an initial sync with the rooms; returns one sentence for each way in which they differ. */
export function missingFrom(
  synced: Record<string, { timeline?: { events: { event_id: string }[] } }> | undefined,
  newest: ReadonlyMap<string, string>,
): string[] {
  const rooms = [...newest].map(([roomId, eventId]) => ({ room: synced?.[roomId], eventId }))
  const absent = rooms.filter(({ room }) => room === undefined).length
  const stale = rooms.filter(
    ({ room, eventId }) => room && !room.timeline?.events.some((event) => event.event_id === eventId),
  ).length
  return [
    ...(absent > 0 ? [`an initial sync lacks ${absent} of ${newest.size} rooms`] : []),
    ...(stale > 0 ? [`an initial sync lacks the newest event of ${stale} rooms`] : []),
  ]
}
