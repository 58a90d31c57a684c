import type { Viewer } from '../../history/read-services.ts'
import type { SlidingExtension } from '../../sliding-sync/extensions/sliding-extension.ts'
import { NOTHING_PROVIDED, type ProvidedPart, type ProvidedStretch } from '../../sync/stream-provider.ts'

/** Gives fields about keys, in classic and in sliding sync alike. */
export interface KeyNewsProvider {
  read(viewer: Viewer, stretch: ProvidedStretch): Promise<ProvidedPart>
}

/** What clients take the absence of for a change, so that they are always there. */
const KEYS = ['device_lists', 'device_one_time_keys_count', 'device_unused_fallback_key_types'] as const

/** The extension `e2ee` of sliding sync (MSC3884): what the providers say in `/sync`. */
export function e2eeExtension(providers: readonly KeyNewsProvider[]): SlidingExtension {
  return {
    key: 'e2ee',
    read: async (viewer, _request, stretch) => {
      const parts = await Promise.all(providers.map((provider) => provider.read(viewer, stretch)))
      const fields = Object.assign({}, NOTHING_PROVIDED.fields, ...parts.map((part) => part.fields))
      const members = KEYS.map((key) => `${JSON.stringify(key)}:${fields[key]}`)
      return { text: `{${members.join(',')}}`, hasNews: parts.some(({ hasNews }) => hasNews) }
    },
  }
}
