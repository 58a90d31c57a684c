import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import {
  isJsonObject,
  LosslessNumber,
  ownValue,
  type JsonObject,
  type JsonValue,
} from '../../protocol/json/value.ts'
import { findAccountData } from '../../storage/accounts/account-data-reader.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { checkNewEntry, MAX_CONTENT_BYTES } from './account-data-limits.ts'
import type { Accounts } from './accounts.ts'
import { changeAccountData } from './change-account-data.ts'
import type { LocalUser } from './sessions.ts'

/** Under this type of a room's account data its tags are stored and sent (room tagging module). */
const TAGS_TYPE = 'm.tag'
/** "The tag name MUST not exceed 255 bytes." */
const MAX_TAG_BYTES = 255
/** Clients show a handful; every sync of the room's account data carries them all. */
const MAX_TAGS_PER_ROOM = 100

/** A user's tags of a room, by name. */
export async function tagsOf(
  { queries }: Pick<Accounts, 'queries'>,
  { userNid }: LocalUser,
  roomNid: RoomNid,
): Promise<JsonObject> {
  return tagsIn(await findAccountData(queries, userNid, roomNid, TAGS_TYPE))
}

/**
 * Gives a room a tag, or replaces it.
 *
 * @throws MatrixError 400 for a name that is too long, an `order` that is no number from 0 to 1, and too many tags;
 *   413 M_TOO_LARGE where all that is said of the room's tags is too long.
 */
export async function putTag(
  accounts: Pick<Accounts, 'queries' | 'committer'>,
  { userNid }: LocalUser,
  roomNid: RoomNid,
  name: string,
  tag: JsonObject,
): Promise<void> {
  if (Buffer.byteLength(name) > MAX_TAG_BYTES) {
    throw new MatrixError(400, 'M_INVALID_PARAM', `Tags have ${MAX_TAG_BYTES} bytes at most`)
  }
  if (!isOrder(ownValue(tag, 'order'))) {
    throw new MatrixError(400, 'M_INVALID_PARAM', '`order` must be a number from 0 to 1')
  }
  const known = await findAccountData(accounts.queries, userNid, roomNid, TAGS_TYPE)
  if (known === undefined) await checkNewEntry(accounts.queries, userNid)
  await changeAccountData(accounts, { userNid, roomNid, type: TAGS_TYPE }, (content) => {
    const others = Object.entries(tagsIn(content)).filter(([other]) => other !== name)
    if (others.length >= MAX_TAGS_PER_ROOM) {
      throw new MatrixError(400, 'M_LIMIT_EXCEEDED', `A room has ${MAX_TAGS_PER_ROOM} tags at most`)
    }
    const changed = contentOf([...others, [name, tag]])
    if (Buffer.byteLength(changed) <= MAX_CONTENT_BYTES) return changed
    throw new MatrixError(413, 'M_TOO_LARGE', `The tags of a room have ${MAX_CONTENT_BYTES} bytes at most`)
  })
}

/** Takes a tag away, if the room has it. */
export async function deleteTag(
  accounts: Pick<Accounts, 'queries' | 'committer'>,
  { userNid }: LocalUser,
  roomNid: RoomNid,
  name: string,
): Promise<void> {
  await changeAccountData(accounts, { userNid, roomNid, type: TAGS_TYPE }, (content) => {
    const tags = Object.entries(tagsIn(content))
    const others = tags.filter(([other]) => other !== name)
    return others.length === tags.length ? content : contentOf(others)
  })
}

function isOrder(order: JsonValue | undefined): boolean {
  if (order === undefined) return true
  const number = order instanceof LosslessNumber ? Number(order.text) : order
  return typeof number === 'number' && number >= 0 && number <= 1
}

function contentOf(tags: readonly (readonly [string, JsonValue])[]): string {
  return JSON.stringify({ tags: Object.fromEntries(tags) })
}

/** What is stored may have been written as account data, in any form. */
function tagsIn(content: string | undefined): JsonObject {
  const stored = content === undefined ? undefined : parseJson(content)
  const tags = isJsonObject(stored) ? ownValue(stored, 'tags') : undefined
  return isJsonObject(tags) ? tags : {}
}
