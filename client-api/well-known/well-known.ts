import { json } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'

const HTTPS_PORT = 443

/** The client configuration, in `.well-known` and in login answers; undefined without a `public_baseurl`. */
export function clientWellKnown({ config }: AccountApiContext): object | undefined {
  const { publicBaseUrl, extraWellKnownClientContent, identityServer } = config.identity
  if (!publicBaseUrl) return undefined
  const { rtcTransports } = config.calls
  return {
    // Clients of MSC4143's older form look here for where group calls meet.
    ...(rtcTransports.length > 0 && { 'org.matrix.msc4143.rtc_foci': rtcTransports }),
    ...extraWellKnownClientContent,
    ...(identityServer !== undefined && { 'm.identity_server': { base_url: identityServer } }),
    'm.homeserver': { base_url: publicBaseUrl },
  }
}

/** `/.well-known/matrix/{client,server,support,policy_server}`. */
export function wellKnownRoutes(context: AccountApiContext, { open }: ClientEndpoints): Routes {
  const { publicBaseUrl, serveServerWellKnown, adminContact, supportPage } = context.config.identity
  const answerOrNothing = (body: object | undefined) =>
    open(() => {
      if (!body) throw new MatrixError(404, 'M_NOT_FOUND', 'This server publishes no such information')
      return json(body)
    })
  return declareRoutes()
    .get('/.well-known/matrix/client', answerOrNothing(clientWellKnown(context)))
    .get(
      '/.well-known/matrix/server',
      answerOrNothing(
        publicBaseUrl && serveServerWellKnown ? { 'm.server': authority(publicBaseUrl) } : undefined,
      ),
    )
    .get('/.well-known/matrix/support', answerOrNothing(support(adminContact, supportPage)))
    .get('/.well-known/matrix/policy_server', answerOrNothing(policyServer(context)))
}

function policyServer({ config }: AccountApiContext): object | undefined {
  const key = config.policyServer?.key
  return key && { public_keys: { ed25519: key.publicKeyBase64 } }
}

function authority(url: string): string {
  const { hostname, port } = new URL(url)
  return `${hostname}:${port || HTTPS_PORT}`
}

function support(contact: string | undefined, page: string | undefined): object | undefined {
  if (contact === undefined && page === undefined) return undefined
  return { ...(contact && { contacts: [administrator(contact)] }), ...(page && { support_page: page }) }
}

function administrator(contact: string): object {
  const address = contact.replace(/^mailto:/, '')
  const where = address.startsWith('@') ? { matrix_id: address } : { email_address: address }
  return { role: 'm.role.admin', ...where }
}
