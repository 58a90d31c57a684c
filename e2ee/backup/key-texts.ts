import type { Queries } from '../../storage/database.ts'
import {
  readBackedUpKeys,
  type BackedUpKey,
  type KeyPlace,
  type KeyScope,
} from '../../storage/e2ee/backed-up-keys.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'

/** Keys that are read together: a megabyte, and few queries even for a large backup. */
const PAGE = 2_000

/** A key as clients get it, as JSON text. */
export function keyText(key: BackedUpKey): string {
  return (
    `{"first_message_index":${key.firstMessageIndex},"forwarded_count":${key.forwardedCount},` +
    `"is_verified":${key.isVerified},"session_data":${key.sessionData}}`
  )
}

/** `{"sessions":{…}}` of one room, in chunks that are read when they are asked for. */
export async function* sessionsChunks(
  queries: Queries,
  userNid: UserNid,
  version: number,
  roomId: string,
): AsyncGenerator<Buffer, undefined> {
  let text = '{"sessions":{'
  let separator = ''
  for await (const page of pages(queries, userNid, version, { roomId })) {
    for (const key of page) {
      text += separator + memberText(key)
      separator = ','
    }
    yield Buffer.from(text)
    text = ''
  }
  yield Buffer.from(`${text}}}`)
  return undefined
}

/** `{"rooms":{room:{"sessions":{…}}}}` of all rooms, in the same manner. */
export async function* roomsChunks(
  queries: Queries,
  userNid: UserNid,
  version: number,
): AsyncGenerator<Buffer, undefined> {
  let text = '{"rooms":{'
  let room: string | undefined
  for await (const page of pages(queries, userNid, version, {})) {
    for (const key of page) {
      if (key.roomId === room) text += ','
      else text += `${room === undefined ? '' : '}},'}${JSON.stringify(key.roomId)}:{"sessions":{`
      room = key.roomId
      text += memberText(key)
    }
    yield Buffer.from(text)
    text = ''
  }
  yield Buffer.from(`${text}${room === undefined ? '' : '}}'}}}`)
  return undefined
}

function memberText(key: BackedUpKey): string {
  return `${JSON.stringify(key.sessionId)}:${keyText(key)}`
}

async function* pages(
  queries: Queries,
  userNid: UserNid,
  version: number,
  scope: KeyScope,
): AsyncGenerator<BackedUpKey[], void> {
  for (let after: KeyPlace | undefined; ;) {
    const page = await readBackedUpKeys(queries, userNid, version, scope, { after, limit: PAGE })
    if (page.length > 0) yield page
    if (page.length < PAGE) return
    after = page.at(-1)
  }
}
