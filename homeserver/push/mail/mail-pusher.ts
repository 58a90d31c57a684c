import type { JsonObject } from '../../../protocol/json/value.ts'
import type { UserNid } from '../../../storage/numeric-ids.ts'
import type { PusherAbout } from '../../../storage/pushers/pusher.ts'
import type { PusherWish } from '../../../storage/pushers/pusher-writer.ts'

/** The app that pushers of the kind `email` belong to (client-server API, `POST /pushers/set`). */
export const MAIL_APP = 'm.email'

/** A pusher that mails what is unread to an address of its user. It goes with no device. */
export function mailPusher(
  userNid: UserNid,
  address: string,
  about: Partial<PusherAbout> & { readonly enabled?: boolean },
): Omit<PusherWish, 'toldUntil'> {
  const { enabled = true, ...said } = about
  const data: JsonObject = {}
  return {
    userNid,
    appId: MAIL_APP,
    pushkey: address,
    kind: 'email',
    deviceId: null,
    about: {
      appDisplayName: 'Mail about unread messages',
      deviceDisplayName: address,
      lang: 'en',
      profileTag: undefined,
      data,
      ...said,
    },
    enabled,
    setTs: Date.now(),
    keepsDevice: false,
    keepsOthers: true,
  }
}
