import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import { eventually } from '../support/eventually.ts'
import type { Json, TestClient } from '../support/test-client.ts'

const PAGE = 100

const inRoom = (roomId: string): string => `/rooms/${encodeURIComponent(roomId)}`

/** The id of each event of the current state by type and state key, as a user is told. */
export async function stateOf(user: TestClient, roomId: string): Promise<Record<string, unknown>> {
  const events = await user.state(roomId)
  const entries = events.map(
    (event) => [`${event['type']} ${event['state_key']}`, event['event_id']] as const,
  )
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** Every event that a user can page back to, newest first, repetitions included. */
export async function historyOf(user: TestClient, roomId: string): Promise<readonly Json[]> {
  const events: Json[] = []
  let from: string | undefined
  do {
    const query = new URLSearchParams({ dir: 'b', limit: String(PAGE), ...(from !== undefined && { from }) })
    const page = await user.call('GET', `${inRoom(roomId)}/messages?${query}`)
    events.push(...(page['chunk'] as readonly Json[]))
    from = page['end'] as string | undefined
  } while (from !== undefined)
  return events
}

/** The membership that one user is told of another; undefined for none. */
export async function membershipOf(
  observer: TestClient,
  roomId: string,
  userId: string,
): Promise<string | undefined> {
  const path = `/_matrix/client/v3${inRoom(roomId)}/state/m.room.member/${encodeURIComponent(userId)}`
  const answer = await observer.request('GET', path)
  return answer.body['membership'] as string | undefined
}

/** Waits until a user is told a membership of another. */
export async function seesMembership(
  observer: TestClient,
  roomId: string,
  user: TestClient,
  membership: string,
): Promise<void> {
  await eventually(
    `${observer.userId} sees ${membership} of ${user.userId}`,
    async () => (await membershipOf(observer, roomId, user.userId)) === membership,
  )
}

/** An event as a user is told it, once it has arrived. */
export function arrival(user: TestClient, roomId: string, eventId: string): Promise<Json> {
  return eventually(`${eventId} at ${user.userId}`, async () => {
    const answer = await user.request(
      'GET',
      `/_matrix/client/v3${inRoom(roomId)}/event/${encodeURIComponent(eventId)}`,
    )
    return answer.status === 200 && answer.body
  })
}

/** Waits until the state that a user is told has this event at its place. */
export async function seesState(
  user: TestClient,
  roomId: string,
  type: string,
  eventId: string,
): Promise<void> {
  await eventually(
    `${type} ${eventId} at ${user.userId}`,
    async () => (await stateOf(user, roomId))[`${type} `] === eventId,
  )
}

/** Redacts, and waits until every observer is told the event without its content. */
export async function redact(
  redactor: TestClient,
  roomId: string,
  eventId: string,
  observers: readonly TestClient[],
): Promise<string> {
  const path = `${inRoom(roomId)}/redact/${encodeURIComponent(eventId)}/r${encodeURIComponent(eventId)}`
  const answer = await redactor.call('PUT', path, { reason: 'a test' })
  for (const observer of observers)
    await eventually(`${observer.userId} sees ${eventId} redacted`, async () =>
      isDeepStrictEqual((await arrival(observer, roomId, eventId))['content'], {}),
    )
  return String(answer['event_id'])
}

/**
 * Waits until both are told the same state, then compares all that they can read.
 *
 * @param sent the ids of events that both must have, each once.
 */
export async function expectAgreement(
  one: TestClient,
  other: TestClient,
  roomId: string,
  sent: readonly string[],
): Promise<void> {
  for (const user of [one, other]) for (const eventId of sent) await arrival(user, roomId, eventId)
  await eventually('the same state on both sides', async () =>
    isDeepStrictEqual(await stateOf(one, roomId), await stateOf(other, roomId)),
  )
  const histories = await Promise.all([one, other].map((user) => historyOf(user, roomId)))
  const [ids, otherIds] = histories.map((events) => events.map((event) => String(event['event_id'])).sort())
  expect(ids!.filter((id, index) => ids!.indexOf(id) !== index)).toEqual([])
  expect(otherIds).toEqual(ids)
  expect(ids).toEqual(expect.arrayContaining([...sent]))
}
