import type { Routes } from '../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { backupRoutes } from './backup/routes.ts'
import { dehydratedDeviceRoutes } from './dehydrated-devices/dehydrated-device.ts'
import { keyChangesRoutes } from './device-lists/key-changes.ts'
import { toDeviceRoutes } from './to-device/send-to-device.ts'

/** End-to-end encryption, as far as a server has to do with it. */
export function e2eeRoutes(context: ClientApiContext, endpoints: ClientEndpoints): readonly Routes[] {
  return [
    keyChangesRoutes(context, endpoints),
    toDeviceRoutes(context, endpoints),
    backupRoutes(context, endpoints),
    dehydratedDeviceRoutes(context.e2ee.dehydration, endpoints),
  ]
}
