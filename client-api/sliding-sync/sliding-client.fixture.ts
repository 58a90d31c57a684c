import type { Json, TestAnswer, TestClient } from '../../spec-tests/support/test-client.ts'

/** A room of an answer, as tests look at it. */
export type SlidingRoom = Json & {
  readonly timeline?: readonly SlidingEvent[]
  readonly required_state?: readonly SlidingEvent[]
}

/** An event of an answer. */
export interface SlidingEvent {
  readonly type: string
  readonly event_id: string
  readonly state_key?: string
  readonly sender: string
  readonly content: Json
}

/** An answer. */
export interface SlidingAnswer {
  readonly pos: string
  readonly lists: Readonly<Record<string, { readonly count: number }>>
  readonly rooms: Readonly<Record<string, SlidingRoom>>
  readonly extensions: Readonly<Record<string, Json>>
}

export const DEPLOYED = '/_matrix/client/unstable/org.matrix.simplified_msc3575/sync'

/** The rules of a list that looks at all rooms. */
export function everything(
  timelineLimit = 10,
  requiredState: readonly (readonly [string, string])[] = [],
): Json {
  return { ranges: [[0, 99]], timeline_limit: timelineLimit, required_state: requiredState }
}

/** One request in the deployed form, whatever becomes of it. */
export function post(client: TestClient, body: Json, pos?: string, timeoutMs?: number): Promise<TestAnswer> {
  const query = new URLSearchParams({
    ...(pos !== undefined && { pos }),
    ...(timeoutMs !== undefined && { timeout: String(timeoutMs) }),
  })
  return client.request('POST', `${DEPLOYED}?${query}`, body)
}

/** One request in the deployed form. @throws Error for what is no success. */
export async function slide(
  client: TestClient,
  body: Json,
  pos?: string,
  timeoutMs?: number,
): Promise<SlidingAnswer> {
  const { status, body: answer } = await post(client, body, pos, timeoutMs)
  if (status !== 200) throw new Error(`sliding sync: ${status} ${JSON.stringify(answer)}`)
  return answer as Json & SlidingAnswer
}

/** The bodies of the messages in a room's timeline. */
export function messagesIn(room: SlidingRoom | undefined): unknown[] {
  const messages = (room?.timeline ?? []).filter(({ type }) => type === 'm.room.message')
  return messages.map(({ content }) => content['body'])
}

/** Type and state key of a room's required state, in order. */
export function stateIn(room: SlidingRoom | undefined): string[] {
  return (room?.required_state ?? []).map(({ type, state_key: key }) => `${type}/${key}`).toSorted()
}
