import { nothing } from '../../../homeserver/http/answer.ts'
import { anybody, declareRoutes, endpoint, type Routes } from '../../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isUserId, serverOf } from '../../../protocol/identifiers/user-id.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../../protocol/json/value.ts'
import { findAccount } from '../../../storage/accounts/account-reader.ts'
import type { InboundContext } from '../inbound-context.ts'
import { BOUND_INVITE, type BoundInvite } from './bound-invite-job.ts'

/** Nobody is waited for in more rooms than these. */
const MAX_INVITES = 100

/**
 * `PUT /_matrix/federation/v1/3pid/onbind`: an identity server tells that one of our users has bound an identifier,
 * and which invites were waiting for it. Anybody can say so: what counts is the identity server's signature in each
 * invite, which its room checks.
 */
export function onBindRoutes(context: InboundContext): Routes {
  const routes = declareRoutes()
  routes.put(
    '/_matrix/federation/v1/3pid/onbind',
    endpoint(anybody, async (request) => {
      const body = await request.object()
      const userId = ownValue(body, 'mxid')
      const invites = ownValue(body, 'invites')
      if (typeof userId !== 'string' || !isUserId(userId)) throw badBody('`mxid` must be a user id')
      if (!Array.isArray(invites) || invites.length > MAX_INVITES)
        throw badBody(`\`invites\` must be a list of ${MAX_INVITES} at most`)
      const read = invites.map((invite) => readInvite(invite, userId))
      await requireUser(context, userId)
      context.limits.thirdPartyInvite.consume(userId)
      for (const invite of read) await schedule(context, invite)
      return nothing()
    }),
  )
  return routes
}

async function requireUser({ rooms }: InboundContext, userId: string): Promise<void> {
  const account = serverOf(userId) === rooms.serverName ? await findAccount(rooms.queries, userId) : undefined
  if (account && !account.deactivated) return
  throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such user on this server')
}

/** The same invite told twice is done once. */
async function schedule({ jobs, rooms }: InboundContext, { token, ...invite }: TokenedInvite): Promise<void> {
  await jobs.schedule({
    kind: BOUND_INVITE,
    key: `${invite.roomId} ${token}`,
    payload: { ...invite },
    runAt: rooms.now(),
  })
}

type TokenedInvite = BoundInvite & { readonly token: string }

function readInvite(invite: JsonValue, userId: string): TokenedInvite {
  if (!isJsonObject(invite)) throw badBody('`invites` must be a list of objects')
  const signed = ownValue(invite, 'signed')
  const roomId = textIn(invite, 'room_id')
  const sender = textIn(invite, 'sender')
  if (!roomId.startsWith('!') || !isUserId(sender)) throw badBody('An invite names no room or no sender')
  if (!isJsonObject(signed) || ownValue(signed, 'mxid') !== userId)
    throw badBody('An invite is not signed for the user')
  return { roomId, sender, userId, token: textIn(signed, 'token'), signed: JSON.stringify(signed) }
}

/** 255 bytes bound every identifier; U+0000 is in none. */
function textIn(object: JsonObject, key: string): string {
  const value = ownValue(object, key)
  if (typeof value === 'string' && !value.includes('\0') && Buffer.byteLength(value) <= 255) return value
  throw badBody(`An invite has no ${key}`)
}

function badBody(sentence: string): MatrixError {
  return new MatrixError(400, 'M_BAD_JSON', sentence)
}
