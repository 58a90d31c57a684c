import {
  dehydrateDevice,
  forgetDehydratedDevice,
  requireDehydratedDevice,
  type DehydrationServices,
} from '../../../e2ee/dehydrated-devices/dehydrated-devices.ts'
import { dehydratedEvents } from '../../../e2ee/dehydrated-devices/dehydrated-events.ts'
import { checkDeviceName } from '../../../homeserver/accounts/devices.ts'
import type { Session } from '../../../homeserver/accounts/sessions.ts'
import { json, jsonText } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../../homeserver/http/endpoint.ts'
import { optionalText } from '../../http/body-fields.ts'
import type { ClientEndpoints } from '../../http/client-endpoints.ts'

const PATH = '/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device'

/** Dehydrated devices (MSC3814). */
export function dehydratedDeviceRoutes(services: DehydrationServices, { user }: ClientEndpoints): Routes {
  return declareRoutes()
    .put(PATH, user(put(services)))
    .get(PATH, user(get(services)))
    .delete(PATH, user(remove(services)))
    .post(`${PATH}/:deviceId/events`, user(events(services)))
}

function put(services: DehydrationServices): Handler<Session> {
  return async (request, session) => {
    const body = await request.object()
    const name = optionalText(body, 'initial_device_display_name')
    if (name !== undefined) checkDeviceName(name)
    return json({ device_id: await dehydrateDevice(services, session, body, name ?? null) })
  }
}

function get(services: DehydrationServices): Handler<Session> {
  return async (_request, session) => {
    const { deviceId, deviceData } = await requireDehydratedDevice(services, session)
    return jsonText(`{"device_id":${JSON.stringify(deviceId)},"device_data":${deviceData}}`)
  }
}

function remove(services: DehydrationServices): Handler<Session> {
  return async (_request, session) => json({ device_id: await forgetDehydratedDevice(services, session) })
}

function events(services: DehydrationServices): Handler<Session> {
  return async (request, session) => {
    const token = optionalText(await request.optionalObject(), 'next_batch')
    const answer = await dehydratedEvents(services, session, request.param('deviceId'), token)
    return jsonText(`{"events":[${answer.events.join(',')}],"next_batch":"${answer.nextBatch}"}`)
  }
}
