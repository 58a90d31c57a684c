import { createHash } from 'node:crypto'
import type { Accounts } from '../../homeserver/accounts/accounts.ts'
import { removeDevices } from '../../homeserver/accounts/devices.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import { nothing, type Answer } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import type { AccountApiContext } from '../context.ts'
import { requiredTexts } from '../http/body-fields.ts'
import { requirePassword } from '../http/require-password.ts'

/** More than a person has; each may cost work in other parts of the server. */
const MAX_DEVICES_AT_ONCE = 1_000

/** `DELETE /devices/{deviceId}`. */
export function deleteDevice({ accounts }: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    const deviceId = request.param('deviceId')
    const body = await request.optionalObject()
    const ask = await requireProof(accounts, session, body, [deviceId])
    if (ask) return ask
    await removeDevices(accounts, session, [deviceId])
    return nothing()
  }
}

/** `POST /delete_devices`. */
export function deleteDevices({ accounts }: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    const body = await request.object()
    const deviceIds = requiredTexts(body, 'devices', MAX_DEVICES_AT_ONCE).filter((id) => !id.includes('\0'))
    const ask = await requireProof(accounts, session, body, deviceIds)
    if (ask) return ask
    await removeDevices(accounts, session, deviceIds)
    return nothing()
  }
}

/** Application services need none (application service API, "Device management"). */
async function requireProof(
  accounts: Accounts,
  session: Session,
  body: JsonObject,
  deviceIds: readonly string[],
): Promise<Answer | undefined> {
  if (session.appService) return undefined
  return requirePassword(accounts, session, body, purposeFor(deviceIds), { recentIsEnough: true })
}

/** What was asked for when the user proved to mean it is what is done: other devices need another proof. */
function purposeFor(deviceIds: readonly string[]): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([...deviceIds].sort()))
    .digest('base64')
  return `delete-devices ${digest}`
}
