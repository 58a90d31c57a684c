import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { Pusher } from '../../storage/pushers/pusher.ts'
import type { ClientApiContext } from '../context.ts'

/** `GET /pushers` (client-server API, "Push Notifications"), with what MSC3881 adds. */
export function readPushers({ pushers }: Pick<ClientApiContext, 'pushers'>): Handler<Session> {
  return async (_request, session) => json({ pushers: (await pushers.of(session.userNid)).map(pusherJson) })
}

function pusherJson({ appId, pushkey, kind, about, enabled, deviceId }: Pusher): object {
  return {
    app_id: appId,
    pushkey,
    kind,
    app_display_name: about.appDisplayName,
    device_display_name: about.deviceDisplayName,
    ...(about.profileTag !== undefined && { profile_tag: about.profileTag }),
    lang: about.lang,
    data: about.data,
    'org.matrix.msc3881.enabled': enabled,
    ...(deviceId !== null && { 'org.matrix.msc3881.device_id': deviceId }),
  }
}
