import { eventually } from '../support/eventually.ts'
import type { Region } from '../support/region.ts'
import { TestClient } from '../support/test-client.ts'
import { readRoomContents } from '../two-servers/room-contents.ts'
import type { Scene } from './act.ts'
import { SERVERS, USERS_PER_SERVER, type Actor, type Plan } from './plan.ts'

/** The users of every server, who live longer than one run. */
export type Cast = readonly (readonly TestClient[])[]

const ROLES = ['anchor', 'moderator', 'guest'] as const
const [ANCHOR] = [0]
const ANCHORS_LEVEL = 100
const MODERATORS_LEVEL = 50

/** Registers them. */
export async function registerCast(regions: readonly Region[]): Promise<Cast> {
  return Promise.all(
    regions.map(async ({ url }) => {
      const clients: TestClient[] = []
      for (const role of ROLES.slice(0, USERS_PER_SERVER)) {
        const client = new TestClient(url)
        await client.register(role)
        clients.push(client)
      }
      return clients
    }),
  )
}

/** A run's room, with the first user of every server in it, and what each server held when all of them were. */
export interface Opening {
  readonly scene: Scene
  /** Events from before the last of them came, which servers that came later need not have. */
  readonly earlier: ReadonlySet<string>
}

/** Creates the room and brings the servers into it, one after the other. */
export async function openScene(
  regions: readonly Region[],
  cast: Cast,
  { roomVersion, creator }: Plan,
): Promise<Opening> {
  const founder = cast[creator]![ANCHOR]!
  const users: [string, number][] = cast.flatMap(([anchor, moderator]) => [
    [anchor!.userId, ANCHORS_LEVEL] as [string, number],
    [moderator!.userId, MODERATORS_LEVEL] as [string, number],
  ])
  // From version 12 on the creator's power is endless, and may not be named.
  const named = users.filter(([userId]) => roomVersion !== '12' || userId !== founder.userId)
  const roomId = await founder.createRoom({
    preset: 'public_chat',
    room_version: roomVersion,
    power_level_content_override: { users: Object.fromEntries(named) },
  })
  const others = cast.map(([anchor]) => anchor!).filter((anchor) => anchor !== founder)
  const via = [regions[creator]!.serverName]
  // After the run before, servers may leave each other alone for a moment more.
  for (const anchor of others) {
    await eventually(`${anchor.userId} in the room`, () => anchor.join(roomId, via).catch(() => undefined))
  }
  const scene: Scene = {
    roomId,
    client: ({ server, user }: Actor) => cast[server]![user]!,
    acknowledged: Array.from({ length: SERVERS }, () => []),
  }
  const last = await others.at(-1)!.say(roomId, 'all are here')
  await reaches(regions, roomId, last)
  const contents = await Promise.all(
    regions.map(async (region) => readRoomContents(await region.database(), roomId)),
  )
  return { scene, earlier: new Set(contents.flatMap(({ events }) => events.map(({ eventId }) => eventId))) }
}

/** Waits until every server has an event in its place among the others. */
export async function reaches(regions: readonly Region[], roomId: string, eventId: string): Promise<void> {
  await Promise.all(
    regions.map((region) =>
      eventually(`${eventId} at ${region.serverName}`, async () => {
        const { events } = await readRoomContents(await region.database(), roomId)
        return events.some((event) => event.eventId === eventId && !event.outlier)
      }),
    ),
  )
}
