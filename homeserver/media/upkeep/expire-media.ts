import {
  cachedRemoteBytes,
  dropMedia,
  longestUnusedRemote,
  oldPreviewImages,
  removeLocalMedia,
} from '../../../storage/media/retention.ts'
import { deleteOldUrlPreviews } from '../../../storage/media/url-previews.ts'
import { deleteInBatches } from '../../upkeep/delete-in-batches.ts'
import type { MediaConfig } from '../../config/sections/media.ts'
import type { MediaServices } from '../media-services.ts'

/** Rows of one statement, each with a blob to be deleted afterwards. */
const BATCH = 200
/** Longer than a page's preview is shown by who has asked for it, and than it answers others. */
const PREVIEW_KEPT_MS = 7 * 24 * 3_600_000

/** What upkeep takes from the services of media. */
export interface ExpiryServices extends Pick<
  MediaServices,
  'queries' | 'interner' | 'serverName' | 'accesses' | 'now'
> {
  readonly config: Pick<MediaConfig, 'localLifetimeMs' | 'remoteLifetimeMs' | 'remoteCacheBytes'>
}

/**
 * Removes what nobody has looked at for longer than `media_retention` says, and of other servers' media what is too
 * much. Local media leaves a row, by which its URI is known to have expired; other servers' is fetched again when
 * somebody asks for it. What is quarantined or protected stays.
 *
 * @returns how many files went.
 */
export async function expireMedia(media: ExpiryServices, signal: AbortSignal): Promise<number> {
  const { queries, config, now } = media
  await media.accesses.flush()
  const own = await media.interner.serverNid(media.serverName)
  const { localLifetimeMs, remoteLifetimeMs } = config
  let removed = 0
  if (localLifetimeMs !== undefined) {
    const before = now() - localLifetimeMs
    removed += await deleteInBatches((limit) => removeLocalMedia(queries, own, before, now(), limit), signal)
  }
  if (remoteLifetimeMs !== undefined) {
    const before = now() - remoteLifetimeMs
    removed += await deleteInBatches(async (limit) => {
      const old = await longestUnusedRemote(queries, own, limit, before)
      return dropMedia(
        queries,
        old.map(({ nid }) => nid),
        now(),
      )
    }, signal)
  }
  removed += await deleteInBatches(async (limit) => {
    const old = await oldPreviewImages(queries, own, now() - PREVIEW_KEPT_MS, limit)
    return dropMedia(queries, old, now())
  }, signal)
  removed += await deleteInBatches(
    (limit) => deleteOldUrlPreviews(queries, now() - PREVIEW_KEPT_MS, limit),
    signal,
  )
  return removed + (await shrinkCache(media, own, signal))
}

async function shrinkCache(
  { queries, config, now }: Pick<ExpiryServices, 'queries' | 'config' | 'now'>,
  own: Parameters<typeof cachedRemoteBytes>[1],
  signal: AbortSignal,
): Promise<number> {
  let excess = (await cachedRemoteBytes(queries, own)) - config.remoteCacheBytes
  let removed = 0
  while (excess > 0) {
    signal.throwIfAborted()
    const going = []
    for (const { nid, bytes } of await longestUnusedRemote(queries, own, BATCH)) {
      if (excess <= 0) break
      excess -= bytes
      going.push(nid)
    }
    if (going.length === 0) return removed
    removed += await dropMedia(queries, going, now())
  }
  return removed
}
