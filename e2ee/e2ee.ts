import type { DehydrationServices } from './dehydrated-devices/dehydrated-devices.ts'
import type { DeviceLists } from './device-lists/device-lists.ts'
import type { KeyServices } from './keys/key-services.ts'
import type { RemoteDeviceLists } from './remote-lists/remote-device-lists.ts'
import type { ToDevice } from './to-device/to-device-services.ts'

/** What the APIs need of end-to-end encryption. Built in homeserver/context/open-e2ee.ts. */
export interface E2ee {
  readonly deviceLists: DeviceLists
  readonly remoteLists: RemoteDeviceLists
  readonly keys: KeyServices
  readonly toDevice: ToDevice
  readonly dehydration: DehydrationServices
}
