import { isJsonObject, ownValue } from '../../protocol/json/value.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import { directoryFacts, type DirectoryFacts } from '../../storage/user-directory/directory-facts.ts'
import {
  deleteDirectoryUsers,
  putDirectoryUsers,
  type DirectoryEntry,
} from '../../storage/user-directory/directory-writer.ts'
import { shownEvent } from '../history/event-text.ts'
import type { RoomServices } from '../rooms/room-services.ts'
import { directoryTerms } from './directory-terms.ts'

/** Users of one statement. */
const BATCH = 500
/** Names of other servers' users that are longer are left out; in UTF-16 units. */
const MAX_REMOTE_TEXT = 1_000

export type DirectoryServices = Pick<
  RoomServices,
  'serverName' | 'queries' | 'interner' | 'events' | 'committer'
>

/**
 * Brings what the directory says of users up to date. Users of this server are in it with their profile; users of
 * others as long as they are in some room, with the name that they have in one that is open to all: what they call
 * themselves elsewhere is for those who are there.
 */
export async function refreshUsers(services: DirectoryServices, userNids: readonly UserNid[]): Promise<void> {
  const { queries, interner, serverName, events } = services
  const ownServer = await interner.serverNid(serverName)
  for (let from = 0; from < userNids.length; from += BATCH) {
    const facts = await directoryFacts(queries, ownServer, userNids.slice(from, from + BATCH))
    const members = await events.readOnce(
      facts.flatMap(({ local, openRoom, openMember }) =>
        local || openRoom === null || openMember === null
          ? []
          : [{ roomNid: openRoom, eventNid: openMember }],
      ),
    )
    const entries = facts
      .filter(({ local, active, joined }) => (local ? active : joined))
      .map((fact) => entryOf(fact, fact.openMember === null ? undefined : members.get(fact.openMember)))
    const present = new Set(entries.map(({ userNid }) => userNid))
    await putDirectoryUsers(queries, entries)
    await deleteDirectoryUsers(
      queries,
      facts.map(({ userNid }) => userNid).filter((userNid) => !present.has(userNid)),
    )
  }
}

function entryOf(facts: DirectoryFacts, member: StoredEvent | undefined): DirectoryEntry {
  const { userNid, userId, local, openRoom } = facts
  const displayName = local ? facts.displayName : fieldOf(member, 'displayname')
  const avatarUrl = local ? facts.avatarUrl : fieldOf(member, 'avatar_url')
  const name = displayName === null ? undefined : parseJson(displayName)
  const terms = directoryTerms(userId, typeof name === 'string' ? name : undefined)
  return { userNid, local, listed: openRoom !== null, displayName, avatarUrl, terms }
}

function fieldOf(member: StoredEvent | undefined, key: string): string | null {
  const content = member && shownEvent(member).content
  const value = isJsonObject(content) ? ownValue(content, key) : undefined
  return typeof value === 'string' && value.length <= MAX_REMOTE_TEXT ? JSON.stringify(value) : null
}
