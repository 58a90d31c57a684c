import type { Session } from '../../homeserver/accounts/sessions.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { member } from '../../homeserver/sync/answer-text.ts'
import { ownValue } from '../../protocol/json/value.ts'
import type { ClientApiContext } from '../context.ts'
import { answerText, type RoomForm } from './answer-parts.ts'
import { untilAbandoned } from './until-abandoned.ts'
import { readV4Request } from './v4-request.ts'

const FORM: RoomForm = {
  strippedKey: 'stripped_state',
  expandedKey: 'expanded_timeline',
  ownMembers: ({ plan, profile }) => {
    const members = [member('membership', JSON.stringify(plan.room.membership))]
    if (plan.chosen.lists.length > 0) members.push(member('lists', JSON.stringify(plan.chosen.lists)))
    if (profile.name !== undefined) members.push(member('name', JSON.stringify(profile.name)))
    if (profile.avatar !== undefined) members.push(member('avatar', JSON.stringify(profile.avatar)))
    return members
  },
  stubs: ({ removed }) => removed.map(({ type, stateKey }) => JSON.stringify({ type, state_key: stateKey })),
}

/** `POST /v4/sync`: sliding sync in the accepted form (MSC4186). */
export function v4Sync({ slidingSync, presence }: ClientApiContext): Handler<Session> {
  return async (request, viewer) => {
    const asked = await readV4Request(request, viewer)
    const setPresence = ownValue(await request.object(), 'set_presence')
    return untilAbandoned(request, presence, viewer, setPresence, async (signal) =>
      answerText(await slidingSync.answer({ ...asked, signal }), FORM),
    )
  }
}
