import { MatrixError } from '../../../protocol/errors/matrix-error.ts'

/** Push gateway API, `POST /_matrix/push/v1/notify`. */
const NOTIFY_PATH = '/_matrix/push/v1/notify'
/** No gateway has a longer address; it is stored and read with every pusher. */
const MAX_URL_LENGTH = 2_000

/**
 * Checks the address of a push gateway. Whether its host may be connected to is decided when that is done.
 *
 * @param allowInsecure whether plain http will do, for gateways in a network of one's own.
 * @throws MatrixError 400 M_INVALID_PARAM.
 */
export function checkGatewayUrl(text: string, allowInsecure: boolean): void {
  const refuse = (why: string): MatrixError => new MatrixError(400, 'M_INVALID_PARAM', `\`data.url\` ${why}`)
  if (text.length > MAX_URL_LENGTH) throw refuse(`may have ${MAX_URL_LENGTH} characters at most`)
  const url = URL.parse(text)
  if (!url) throw refuse('is not a URL')
  const secure = url.protocol === 'https:' || (allowInsecure && url.protocol === 'http:')
  if (!secure) throw refuse('must be an https URL')
  if (url.username !== '' || url.password !== '') throw refuse('must not hold a user name or a password')
  if (url.pathname !== NOTIFY_PATH) throw refuse(`must have the path ${NOTIFY_PATH}`)
}
