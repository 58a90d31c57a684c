import type { Filter } from '../filters/filter.ts'
import type { Viewer } from '../history/read-services.ts'
import {
  NOTHING_PROVIDED,
  type ProvidedPart,
  type SyncStretch,
  type StreamProvider,
} from './stream-provider.ts'

/** What all providers give together; where none gives a field that clients need, it says that there is nothing. */
export async function readProvided(
  providers: readonly StreamProvider[],
  viewer: Viewer,
  stretch: SyncStretch,
  filter: Filter,
): Promise<ProvidedPart> {
  if (providers.length === 0) return NOTHING_PROVIDED
  const parts = await Promise.all(providers.map((provider) => provider.read(viewer, stretch, filter)))
  const fields: Record<string, string> = { ...NOTHING_PROVIDED.fields }
  for (const part of parts) Object.assign(fields, part.fields)
  return { fields, hasNews: parts.some(({ hasNews }) => hasNews) }
}
