import type { DeviceLists } from './device-lists/device-lists.ts'

/** What the APIs need of end-to-end encryption. Built in homeserver/context/open-e2ee.ts. */
export interface E2ee {
  readonly deviceLists: DeviceLists
}
