import { ownValue } from '../../../protocol/json/value.ts'
import { NOTHING_PROVIDED } from '../../sync/stream-provider.ts'
import type { SlidingExtension } from './sliding-extension.ts'

/**
 * What clients need to see of messages to devices (MSC3885) and of keys (MSC3884) even where nobody provides it. The
 * counts are always there: clients take their absence for keys that they need not upload.
 */
export const ENCRYPTION_DEFAULTS: readonly SlidingExtension[] = [
  {
    key: 'to_device',
    read: async (_viewer, request, { upTo }) => {
      const since = ownValue(request, 'since')
      const nextBatch = JSON.stringify(typeof since === 'string' ? since : String(upTo))
      return { text: `{"next_batch":${nextBatch},"events":[]}`, hasNews: false }
    },
  },
  {
    key: 'e2ee',
    read: async () => {
      const keys = ['device_lists', 'device_one_time_keys_count', 'device_unused_fallback_key_types']
      const members = keys.map((key) => `${JSON.stringify(key)}:${NOTHING_PROVIDED.fields[key]}`)
      return { text: `{${members.join(',')}}`, hasNews: false }
    },
  },
]
