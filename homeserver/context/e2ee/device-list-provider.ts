import type { DeviceLists } from '../../../e2ee/device-lists/device-lists.ts'
import type { KeyNewsProvider } from './e2ee-extension.ts'

/** `device_lists` in `/sync` (client-server API, "Extensions to /sync"). */
export function deviceListProvider(lists: Pick<DeviceLists, 'between'>): KeyNewsProvider {
  return { read: (viewer, { after, upTo }) => lists.between(viewer, after, upTo) }
}
