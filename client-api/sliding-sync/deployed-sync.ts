import type { Session } from '../../homeserver/accounts/sessions.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { member } from '../../homeserver/sync/answer-text.ts'
import { optionalText } from '../http/body-fields.ts'
import type { ClientApiContext } from '../context.ts'
import { answerText, type RoomForm } from './answer-parts.ts'
import { readDeployedRequest } from './deployed-request.ts'
import { untilAbandoned } from './until-abandoned.ts'

const FORM: RoomForm = {
  strippedKey: 'invite_state',
  expandedKey: 'unstable_expanded_timeline',
  ownMembers: ({ profile, unread }) => {
    const members: string[] = []
    if (typeof profile.name === 'string') members.push(member('name', JSON.stringify(profile.name)))
    if (typeof profile.avatar === 'string') members.push(member('avatar', JSON.stringify(profile.avatar)))
    const { notifications, highlights } = unread ?? { notifications: 0, highlights: 0 }
    members.push(member('notification_count', String(notifications)))
    members.push(member('highlight_count', String(highlights)))
    return members
  },
  stubs: () => [],
}

/** `POST /unstable/org.matrix.simplified_msc3575/sync`: sliding sync in the form that clients use today. */
export function deployedSync({ slidingSync, presence }: ClientApiContext): Handler<Session> {
  return async (request, viewer) => {
    const asked = await readDeployedRequest(request, viewer)
    const transactionId = optionalText(await request.object(), 'txn_id')
    const echo = transactionId === undefined ? [] : [member('txn_id', JSON.stringify(transactionId))]
    const setPresence = request.query('set_presence')
    return untilAbandoned(request, presence, viewer, setPresence, async (signal) =>
      answerText(await slidingSync.answer({ ...asked, signal }), FORM, echo),
    )
  }
}
