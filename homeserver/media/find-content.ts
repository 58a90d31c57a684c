import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { mxcUri, type MxcUri } from '../../protocol/identifiers/mxc-uri.ts'
import { findMedia, mediaByNid } from '../../storage/media/media-reader.ts'
import type { Media, PendingMedia, StoredMedia } from '../../storage/media/media.ts'
import { noSuchMedia, notYetUploaded } from './media-errors.ts'
import type { MediaServices } from './media-services.ts'

/** The most that a request waits for content, whatever it asks for: proxies in front give up after that. */
const MAX_PATIENCE_MS = 60_000

/** Who asks, and how. */
export interface ContentWish {
  /** How long to wait for content that has not been uploaded yet, in milliseconds. */
  readonly timeoutMs: number
  /** The address for which another server is asked, as limits name it; undefined where none may be. */
  readonly remoteFor: string | undefined
  /** Whether who asks has proved to be a user or a server; the old endpoints ask for no proof and show what is old. */
  readonly proved: boolean
}

/**
 * The content of a URI: of this server, or of another, of which a copy is kept.
 *
 * @throws MatrixError 404 M_NOT_FOUND for what is not there, has expired, is quarantined or not for who asks;
 *   504 M_NOT_YET_UPLOADED; for other servers' media also 502.
 */
export async function findContent(
  services: MediaServices,
  uri: MxcUri,
  wish: ContentWish,
): Promise<StoredMedia> {
  const local = uri.serverName === services.serverName
  const timeoutMs = Math.min(wish.timeoutMs, MAX_PATIENCE_MS)
  const known = await knownMedia(services, uri)
  if (known?.quarantined) throw noSuchMedia('This media has been quarantined by an administrator')
  if (known?.state === 'pending')
    return shown(services, uri, wish, await awaitContent(services, known, timeoutMs))
  if (known?.state === 'stored') return shown(services, uri, wish, known)
  if (local) throw noSuchMedia(known ? 'This media has expired or was deleted' : undefined)
  return shown(services, uri, wish, await fetchContent(services, uri, { ...wish, timeoutMs }))
}

async function knownMedia(services: MediaServices, uri: MxcUri): Promise<Media | undefined> {
  const serverNid = await services.interner.findServerNid(uri.serverName)
  return serverNid === undefined ? undefined : findMedia(services.queries, serverNid, uri.mediaId)
}

async function awaitContent(
  services: MediaServices,
  pending: PendingMedia,
  timeoutMs: number,
): Promise<StoredMedia> {
  const until = services.now() + timeoutMs
  for (;;) {
    // Looked at before each wait and after the last one: content may have come in between.
    const media = await mediaByNid(services.queries, pending.nid)
    if (media?.state === 'stored') return media
    const now = services.now()
    if (media?.state !== 'pending' || media.expiresTs <= now)
      throw noSuchMedia('This media was never uploaded')
    if (!(await services.arrivals.next(pending.nid, until - now))) throw notYetUploaded()
  }
}

async function fetchContent(services: MediaServices, uri: MxcUri, wish: ContentWish): Promise<StoredMedia> {
  const { config } = services
  if (wish.remoteFor === undefined) throw noSuchMedia('This media belongs to another server')
  if (config.refusedServers.has(uri.serverName)) {
    throw noSuchMedia('This server takes no media from there')
  }
  // A copy made now is new, and so not for the old endpoints: nothing is fetched in vain.
  if (!wish.proved && isFrozen(services) && !isPublic(services, uri)) throw noSuchMedia()
  const media = await services.remote.fetch(services, uri, wish.timeoutMs, wish.remoteFor)
  if (media.state === 'stored' && !media.quarantined) return media
  throw new MatrixError(502, 'M_UNKNOWN', 'The media could not be stored')
}

function shown(
  services: MediaServices,
  uri: MxcUri,
  { proved }: ContentWish,
  media: StoredMedia,
): StoredMedia {
  if (media.quarantined || (!proved && media.authenticated && !isPublic(services, uri))) throw noSuchMedia()
  services.accesses.note(media.nid, services.now())
  return media
}

function isFrozen({ config, now }: MediaServices): boolean {
  return config.authenticatedFromTs !== undefined && now() >= config.authenticatedFromTs
}

function isPublic({ publicUris }: MediaServices, uri: MxcUri): boolean {
  return publicUris.has(mxcUri(uri.serverName, uri.mediaId))
}
