import { expect } from 'vitest'
import { eventually } from '../support/eventually.ts'
import type { SdkUser } from '../support/js-sdk.ts'
import type { RegionPair } from '../support/region-pair.ts'
import { placeOf, type Acknowledged } from './conversation.ts'
import { readRoomContents, type RoomContents } from './room-contents.ts'

/** What the two servers and their users must agree on. */
export interface Agreement {
  readonly roomId: string
  readonly acknowledged: readonly Acknowledged[]
  /** Users who are still in the room, and have been since before the acknowledged events. */
  readonly north: readonly SdkUser[]
  readonly south: readonly SdkUser[]
  /** The ids of acknowledged events that the rules keep from a server's users. */
  readonly hidden?: { readonly north: readonly string[]; readonly south: readonly string[] }
}

/** Compares the servers with each other, and with what their users see. */
export async function expectAgreement(pair: RegionPair, agreement: Agreement): Promise<void> {
  const { roomId, acknowledged, hidden = { north: [], south: [] } } = agreement
  // Reading history makes a server fetch what it has missed, so it comes before the look at the servers.
  await Promise.all(
    [...agreement.north, ...agreement.south].map((user) => seesTheEnd(user, roomId, acknowledged)),
  )
  const seen = new Map<SdkUser, readonly string[]>()
  for (const user of [...agreement.north, ...agreement.south])
    seen.set(user, await seenOnce(user, roomId, acknowledged))
  const north = await readRoomContents(await pair.north.database(), roomId)
  const south = await readRoomContents(await pair.south.database(), roomId)

  expect(sorted(south.state)).toEqual(sorted(north.state))
  expect(south.extremities).toEqual(north.extremities)
  expect(north.extremities.length).toBe(1)
  expect(held(north)).toEqual(held(south))
  for (const [contents, kept] of [
    [north, hidden.north],
    [south, hidden.south],
  ] as const) {
    expectStoredOnce(contents, acknowledged)
    expectInOrder(contents, acknowledged)
    expect(keptBack(contents)).toEqual([...kept].sort())
  }
  for (const [contents, users] of [
    [north, agreement.north],
    [south, agreement.south],
  ] as const) {
    for (const user of users) expectToSee(user, seen.get(user)!, contents)
  }
}

function expectToSee(user: SdkUser, seen: readonly string[], { events }: RoomContents): void {
  const visible = events.filter((event) => event.inHistory)
  const missed = visible.filter(({ eventId }) => !seen.includes(eventId))
  expect(missed, `${user.userId} misses nothing`).toEqual([])
  const ids = new Set(visible.map(({ eventId }) => eventId))
  expect(
    seen.filter((id) => !ids.has(id)),
    `${user.userId} sees nothing else`,
  ).toEqual([])
}

const sorted = (state: ReadonlyMap<string, string>): [string, string][] =>
  [...state].sort(([one], [other]) => (one < other ? -1 : 1))

/** Every event, whatever became of it. */
const held = ({ events }: RoomContents): string[] => events.map((event) => event.eventId).sort()

const keptBack = ({ events }: RoomContents): string[] =>
  events
    .filter((event) => event.verdict !== 'accepted')
    .map((event) => event.eventId)
    .sort()

function expectStoredOnce({ events }: RoomContents, acknowledged: readonly Acknowledged[]): void {
  const ids = new Set(events.map((event) => event.eventId))
  expect(acknowledged.filter(({ eventId }) => !ids.has(eventId))).toEqual([])
  const bodies = events.flatMap(({ body }) => body ?? [])
  expect(bodies.filter((body, index) => bodies.indexOf(body) !== index)).toEqual([])
}

/** Causes come before what they cause, and so each sender's messages in their order. */
function expectInOrder({ events }: RoomContents, acknowledged: readonly Acknowledged[]): void {
  const order = new Map(
    events.filter((event) => event.inHistory).map(({ eventId }, index) => [eventId, index]),
  )
  const early = events.filter(({ eventId, prevEvents }) =>
    prevEvents.some((cause) => (order.get(cause) ?? -1) > (order.get(eventId) ?? Infinity)),
  )
  expect(early).toEqual([])
  for (const sender of new Set(acknowledged.map((message) => message.sender))) {
    const places = events
      .filter((event) => event.inHistory && event.sender === sender)
      .flatMap(({ body }) => (body === undefined ? [] : (placeOf(body, sender) ?? [])))
    expect(places, sender).toEqual(places.toSorted((one, other) => one - other))
  }
}

/** Waits until a user's client has caught up: it shows the last message of all. */
async function seesTheEnd(
  user: SdkUser,
  roomId: string,
  acknowledged: readonly Acknowledged[],
): Promise<void> {
  const last = acknowledged.at(-1)?.eventId
  if (last === undefined) throw new Error('nothing has been said')
  await eventually(`${user.userId} sees the end of the conversation`, () =>
    user.client
      .getRoom(roomId)
      ?.getLiveTimeline()
      .getEvents()
      .some((event) => event.getId() === last),
  )
}

/** What a user's client shows. @returns the ids of the events. */
async function seenOnce(
  user: SdkUser,
  roomId: string,
  acknowledged: readonly Acknowledged[],
): Promise<readonly string[]> {
  const history = await user.history(roomId)
  const ids = history.map((event) => event.getId()!)
  expect(ids.length, `${user.userId} sees nothing twice`).toBe(new Set(ids).size)
  const live = user.live(roomId)
  expect(live.length, `${user.userId} is told nothing twice`).toBe(new Set(live).size)
  for (const sender of new Set(acknowledged.map((message) => message.sender))) {
    const places = history
      .filter((event) => event.getSender() === sender && !event.isRedacted())
      .flatMap((event) => placeOf(String(event.getContent()['body']), sender) ?? [])
    expect(places, `${user.userId} sees ${sender} in order`).toEqual(
      places.toSorted((one, other) => one - other),
    )
  }
  return ids
}
