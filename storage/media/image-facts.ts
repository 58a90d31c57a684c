import type { Selectable } from 'kysely'
import type { Queries } from '../database.ts'
import type { MediaNid } from '../numeric-ids.ts'
import type { MediaTable } from '../schema/media.ts'

/** Why no thumbnail can be made: more pixels than are decoded, or nothing that a decoder takes. */
export type ImageFault = 'too-large' | 'undecodable'

/** What an image is. */
export type ImageFacts =
  | { readonly width: number; readonly height: number; readonly animated: boolean }
  | { readonly fault: ImageFault }

/** What a row says of its image; undefined where nobody has looked. */
export function imageFactsOf(row: Selectable<MediaTable>): ImageFacts | undefined {
  if (row.image_fault !== null) return { fault: row.image_fault }
  const { image_width: width, image_height: height, image_animated: animated } = row
  if (width === null || height === null) return undefined
  return { width, height, animated: animated ?? false }
}

/** Keeps what an image is, so that a hostile one is looked at once. */
export async function recordImageFacts(queries: Queries, nid: MediaNid, facts: ImageFacts): Promise<void> {
  const columns =
    'fault' in facts
      ? { image_fault: facts.fault }
      : { image_width: facts.width, image_height: facts.height, image_animated: facts.animated }
  await queries.updateTable('media').set(columns).where('media_nid', '=', nid).execute()
}
