import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { deleteDevice, deleteDevices } from './delete-devices.ts'
import { getDevice, listDevices } from './read-devices.ts'
import { updateDevice } from './rename-device.ts'

/** Device management. */
export function deviceRoutes(context: AccountApiContext, { guest, user }: ClientEndpoints): Routes {
  return declareRoutes()
    .get('/_matrix/client/v3/devices', guest(listDevices(context)))
    .get('/_matrix/client/v3/devices/:deviceId', guest(getDevice(context)))
    .put('/_matrix/client/v3/devices/:deviceId', guest(updateDevice(context)))
    .delete('/_matrix/client/v3/devices/:deviceId', user(deleteDevice(context)))
    .post('/_matrix/client/v3/delete_devices', user(deleteDevices(context)))
}
