import type { Session } from '../../homeserver/accounts/sessions.ts'
import { loadPresenter } from '../../homeserver/history/event-presenter.ts'
import { readPage } from '../../homeserver/history/messages.ts'
import { accessRoom } from '../../homeserver/history/room-access.ts'
import { jsonText } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { readState } from '../../homeserver/rooms/reading/read-state.ts'
import { formatToken } from '../../homeserver/sync/tokens.ts'
import { accountDataOfRoom } from '../../storage/accounts/account-data-reader.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { ClientApiContext } from '../context.ts'
import { filterOf, limitOf } from '../history/page-parameters.ts'

/** `GET /rooms/{roomId}/initialSync`: a room at one look, also from outside where it is world readable. */
export function getRoomInitialSync({ sync, rooms, directory }: ClientApiContext): Handler<Session> {
  const { services } = sync
  return async (request, viewer) => {
    const access = await accessRoom(services, viewer, request.param('roomId'))
    const { roomId, roomNid } = access
    const now = formatToken({
      kind: 'stream',
      position: services.committer.head,
      ephemeral: services.ephemeral,
    })
    const page = await readPage(services, rooms.remote, {
      viewer,
      access,
      direction: 'b',
      from: undefined,
      to: undefined,
      limit: Math.max(1, limitOf(request)),
      filter: filterOf(request),
    })
    const state: StoredEvent[] = []
    for await (const page of readState(rooms.services, viewer, roomId)) state.push(...page)
    const presenter = await loadPresenter(
      services,
      services.replacedState,
      services.sent,
      viewer,
      state,
      state,
    )
    const accountData = await accountDataOfRoom(services.queries, viewer.userNid, roomNid)
    const membership = access.rooms.get(roomNid)?.membership
    const isPublic = directory.published.isPublished(roomNid)
    return jsonText(
      `{"room_id":${JSON.stringify(roomId)},` +
        (membership === undefined ? '' : `"membership":${JSON.stringify(membership)},`) +
        `"visibility":"${isPublic ? 'public' : 'private'}",` +
        `"messages":{"start":${JSON.stringify(page.end ?? page.start)},"end":${JSON.stringify(now)},` +
        `"chunk":[${page.chunk.toReversed().join(',')}]},` +
        `"state":[${state.map((stored) => presenter.present(stored, 'full')).join(',')}],` +
        `"account_data":[${accountData.map(entryText).join(',')}]}`,
    )
  }
}

function entryText({ type, content }: { readonly type: string; readonly content: string }): string {
  return `{"type":${JSON.stringify(type)},"content":${content}}`
}
