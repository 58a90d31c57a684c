import type { Selectable } from 'kysely'
import { parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'
import type { PusherTable } from '../schema/pusher.ts'
import type { PusherAbout, PusherWithProgress } from './pusher.ts'

/** Pushers read at a time at the start. */
const PAGE = 5_000

/** A user's pushers, the oldest first. */
export async function pushersOf(queries: Queries, userNid: UserNid): Promise<PusherWithProgress[]> {
  const rows = await selectPushers(queries)
    .where('pusher.user_nid', '=', userNid)
    .orderBy('pusher_nid')
    .execute()
  return rows.map(pusherOf)
}

/** A pusher by its number; undefined where it has been removed. */
export async function pusherByNid(
  queries: Queries,
  pusherNid: number,
): Promise<PusherWithProgress | undefined> {
  const row = await selectPushers(queries).where('pusher_nid', '=', pusherNid).executeTakeFirst()
  return row && pusherOf(row)
}

/** Every pusher of the server, by pages. */
export async function* allPushers(queries: Queries): AsyncGenerator<PusherWithProgress[]> {
  for (let after = 0; ;) {
    const rows = await selectPushers(queries)
      .where('pusher_nid', '>', after)
      .orderBy('pusher_nid')
      .limit(PAGE)
      .execute()
    if (rows.length === 0) return
    after = rows.at(-1)!.pusher_nid
    yield rows.map(pusherOf)
  }
}

function selectPushers(queries: Queries) {
  return queries
    .selectFrom('pusher')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'pusher.user_nid')
    .select([
      'pusher_nid',
      'pusher.user_nid',
      'matrix_user.user_id',
      'app_id',
      'pushkey',
      'kind',
      'device_id',
      'about',
      'enabled',
      'set_ts',
      'told_until',
      'badge',
    ])
}

function pusherOf(row: Selectable<PusherTable> & { readonly user_id: string }): PusherWithProgress {
  return {
    pusherNid: row.pusher_nid,
    userNid: row.user_nid,
    userId: row.user_id,
    appId: row.app_id,
    pushkey: row.pushkey,
    kind: row.kind,
    deviceId: row.device_id,
    about: readAbout(row.about),
    enabled: row.enabled,
    setTs: row.set_ts,
    toldUntil: row.told_until ?? undefined,
    badge: row.badge,
  }
}

/** Reads what {@link writeAbout} has written. */
function readAbout(text: string): PusherAbout {
  const value = parseJson(text)
  const about: JsonObject = isJsonObject(value) ? value : {}
  const textAt = (key: string): string => String(ownValue(about, key) ?? '')
  const profileTag = ownValue(about, 'profile_tag')
  const data = ownValue(about, 'data')
  return {
    appDisplayName: textAt('app_display_name'),
    deviceDisplayName: textAt('device_display_name'),
    lang: textAt('lang'),
    profileTag: typeof profileTag === 'string' ? profileTag : undefined,
    data: isJsonObject(data) ? data : {},
  }
}

/** What a client said of itself as JSON text; in it the texts may hold U+0000. */
export function writeAbout(about: PusherAbout): string {
  return JSON.stringify({
    app_display_name: about.appDisplayName,
    device_display_name: about.deviceDisplayName,
    lang: about.lang,
    profile_tag: about.profileTag,
    data: about.data,
  })
}
