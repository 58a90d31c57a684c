import type { Session } from '../../homeserver/accounts/sessions.ts'
import { nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { MAIL_APP, mailPusher } from '../../homeserver/push/mail/mail-pusher.ts'
import { checkGatewayUrl } from '../../homeserver/push/pushers/check-gateway-url.ts'
import { emailAddress } from '../../homeserver/third-party-ids/email-address.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { Pusher, PusherAbout } from '../../storage/pushers/pusher.ts'
import { ownerOf } from '../../storage/third-party-ids/third-party-ids.ts'
import type { ClientApiContext } from '../context.ts'
import { optionalFlag, optionalText, requiredText } from '../http/body-fields.ts'

/** Bounds of the specification. */
const MAX_PUSHKEY_BYTES = 512
const MAX_APP_ID_LENGTH = 64
/** Names of apps and devices, tags and languages are a few words; all of it is sent with every notification. */
const MAX_TEXT_LENGTH = 255
/** What an app passes to its gateway: keys for encryption at most. It travels with every notification. */
const MAX_DATA_LENGTH = 4096

/** `POST /pushers/set` (client-server API, "Push Notifications"), with `enabled` of MSC3881. */
export function setPusher(context: ClientApiContext): Handler<Session> {
  const { pushers, config } = context
  return async (request, session) => {
    const body = await request.object()
    const appId = keyText(body, 'app_id')
    const pushkey = keyText(body, 'pushkey')
    if (appId.length > MAX_APP_ID_LENGTH) throw tooLong('app_id', `${MAX_APP_ID_LENGTH} characters`)
    if (Buffer.byteLength(pushkey) > MAX_PUSHKEY_BYTES) throw tooLong('pushkey', `${MAX_PUSHKEY_BYTES} bytes`)
    const kind = kindOf(body)
    if (kind === null) {
      await pushers.remove(session.userNid, appId, appId === MAIL_APP ? emailAddress(pushkey) : pushkey)
      return nothing()
    }
    const about = aboutOf(body)
    if (kind === 'email') {
      await setMailPusher(context, session, { appId, pushkey, about, body })
      return nothing()
    }
    const url = requiredText(about.data, 'url')
    checkGatewayUrl(url, config.push.allowsInsecureGateways)
    const enabled = optionalFlag(body, 'org.matrix.msc3881.enabled')
    await pushers.put({
      userNid: session.userNid,
      appId,
      pushkey,
      kind: 'http',
      deviceId: session.deviceId ?? null,
      about,
      enabled: enabled ?? true,
      setTs: Date.now(),
      // Who turns a pusher on or off may be another device than the one that it notifies.
      keepsDevice: enabled !== undefined,
      keepsOthers: optionalFlag(body, 'append') ?? false,
    })
    return nothing()
  }
}

/** A pusher of the kind `email`, which needs an address that the user has proved. */
async function setMailPusher(
  { pushers, config, queries }: ClientApiContext,
  { userNid }: Session,
  { appId, pushkey, about, body }: MailPusherWish,
): Promise<void> {
  if (!config.thirdPartyIds.email?.notices) {
    throw new MatrixError(400, 'M_INVALID_PARAM', 'This server sends no mail about messages')
  }
  if (appId !== MAIL_APP) {
    throw new MatrixError(400, 'M_INVALID_PARAM', `\`app_id\` of a pusher that mails must be ${MAIL_APP}`)
  }
  const address = emailAddress(pushkey)
  if ((await ownerOf(queries, address)) !== userNid) {
    const sentence = 'Your account does not have this mail address; add it to the account first'
    throw new MatrixError(400, 'M_THREEPID_NOT_FOUND', sentence)
  }
  const enabled = optionalFlag(body, 'org.matrix.msc3881.enabled') ?? true
  await pushers.put(mailPusher(userNid, address, { ...about, enabled }))
}

interface MailPusherWish {
  readonly appId: string
  readonly pushkey: string
  readonly about: PusherAbout
  readonly body: JsonObject
}

function kindOf(body: JsonObject): Pusher['kind'] | null {
  const kind = ownValue(body, 'kind')
  if (kind === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`kind` is missing')
  if (kind === null || kind === 'http' || kind === 'email') return kind
  throw new MatrixError(400, 'M_INVALID_PARAM', '`kind` must be http, email or null')
}

function aboutOf(body: JsonObject): PusherAbout {
  const required = ['app_display_name', 'device_display_name', 'lang', 'data']
  const missing = required.filter((key) => ownValue(body, key) === undefined)
  if (missing.length > 0) {
    throw new MatrixError(400, 'M_MISSING_PARAM', `Missing parameters: ${missing.join(', ')}`)
  }
  const data = ownValue(body, 'data')
  if (!isJsonObject(data)) throw new MatrixError(400, 'M_BAD_JSON', '`data` must be an object')
  if (JSON.stringify(data).length > MAX_DATA_LENGTH) throw tooLong('data', `${MAX_DATA_LENGTH} characters`)
  const profileTag = optionalText(body, 'profile_tag')
  if ((profileTag?.length ?? 0) > MAX_TEXT_LENGTH)
    throw tooLong('profile_tag', `${MAX_TEXT_LENGTH} characters`)
  return {
    appDisplayName: shortText(body, 'app_display_name'),
    deviceDisplayName: shortText(body, 'device_display_name'),
    lang: shortText(body, 'lang'),
    profileTag,
    data,
  }
}

function shortText(body: JsonObject, key: string): string {
  const text = requiredText(body, key)
  if (text.length > MAX_TEXT_LENGTH) throw tooLong(key, `${MAX_TEXT_LENGTH} characters`)
  return text
}

/** A text that names a pusher. */
function keyText(body: JsonObject, key: string): string {
  const text = requiredText(body, key)
  if (text === '' || text.includes('\0') || !text.isWellFormed()) {
    const sentence = `\`${key}\` must be a text without U+0000 and half surrogate pairs`
    throw new MatrixError(400, 'M_INVALID_PARAM', sentence)
  }
  return text
}

function tooLong(key: string, bound: string): MatrixError {
  return new MatrixError(400, 'M_INVALID_PARAM', `\`${key}\` may have ${bound} at most`)
}
