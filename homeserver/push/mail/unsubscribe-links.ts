import { createHmac, timingSafeEqual } from 'node:crypto'
import { secretHash } from '../../accounts/bearer-secrets.ts'

/** Where the link leads, below `public_baseurl`. */
export const UNSUBSCRIBE_PATH = '_matrix/client/unstable/dev.meridian/email/unsubscribe'

/** A pusher, as the link names it. */
export interface SubscribedPusher {
  readonly userId: string
  readonly appId: string
  readonly pushkey: string
}

/** The link of a mail by which its reader ends it; whoever has it can do nothing else with it. */
export function unsubscribeLink(secret: Uint8Array, publicBaseUrl: string, pusher: SubscribedPusher): URL {
  const link = new URL(UNSUBSCRIBE_PATH, publicBaseUrl)
  link.search = new URLSearchParams({
    user: pusher.userId,
    app_id: pusher.appId,
    pushkey: pusher.pushkey,
    token: tokenOf(secret, pusher),
  }).toString()
  return link
}

/** Whether a token is the one of the pusher's link; compared in constant time. */
export function isUnsubscribeToken(secret: Uint8Array, pusher: SubscribedPusher, token: string): boolean {
  return timingSafeEqual(secretHash(tokenOf(secret, pusher)), secretHash(token))
}

function tokenOf(secret: Uint8Array, { userId, appId, pushkey }: SubscribedPusher): string {
  const text = JSON.stringify(['unsubscribe', userId, appId, pushkey])
  return createHmac('sha256', secret).update(text).digest('base64url')
}
