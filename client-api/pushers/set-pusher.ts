import type { Session } from '../../homeserver/accounts/sessions.ts'
import { nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { checkGatewayUrl } from '../../homeserver/push/pushers/check-gateway-url.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { PusherAbout } from '../../storage/pushers/pusher.ts'
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
export function setPusher({ pushers, config }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    const body = await request.object()
    const appId = keyText(body, 'app_id')
    const pushkey = keyText(body, 'pushkey')
    if (appId.length > MAX_APP_ID_LENGTH) throw tooLong('app_id', `${MAX_APP_ID_LENGTH} characters`)
    if (Buffer.byteLength(pushkey) > MAX_PUSHKEY_BYTES) throw tooLong('pushkey', `${MAX_PUSHKEY_BYTES} bytes`)
    if (kindOf(body) === null) {
      await pushers.remove(session.userNid, appId, pushkey)
      return nothing()
    }
    const about = aboutOf(body)
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

function kindOf(body: JsonObject): 'http' | null {
  const kind = ownValue(body, 'kind')
  if (kind === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`kind` is missing')
  if (kind === null || kind === 'http') return kind
  throw new MatrixError(400, 'M_INVALID_PARAM', '`kind` must be http or null')
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
