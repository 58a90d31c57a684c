import type { Selectable } from 'kysely'
import type { MediaTable } from '../schema/media.ts'
import type { MediaNid, ServerNid, UserNid } from '../numeric-ids.ts'
import type { BlobKey } from './blobs/blob-key.ts'
import { imageFactsOf, type ImageFacts } from './image-facts.ts'

interface AnyMedia {
  readonly nid: MediaNid
  readonly serverNid: ServerNid
  readonly mediaId: string
  /** The local user; null for what came from elsewhere. */
  readonly uploaderNid: UserNid | null
  readonly quarantined: boolean
}

/** An id whose content has not come yet. */
export interface PendingMedia extends AnyMedia {
  readonly state: 'pending'
  /** Until when it may, in ms since the epoch. */
  readonly expiresTs: number
}

/** What a file is, beside its bytes. */
export interface FileFacts {
  readonly size: number
  readonly sha256: Buffer
  /** As the uploader said. */
  readonly contentType: string
  /** As the first bytes say; undefined where they say nothing. */
  readonly sniffedType: string | undefined
  readonly fileName: string | undefined
}

/** Content that can be served. */
export interface StoredMedia extends AnyMedia, FileFacts {
  readonly state: 'stored'
  readonly blob: BlobKey
  readonly storedTs: number
  /** Whether it is served to those alone who are logged in. */
  readonly authenticated: boolean
  /** Undefined until somebody has looked at it as an image. */
  readonly image: ImageFacts | undefined
}

/** An id whose content has expired or was deleted. */
export interface RemovedMedia extends AnyMedia {
  readonly state: 'removed'
}

export type Media = PendingMedia | StoredMedia | RemovedMedia

/** A row as what it stands for. */
export function mediaOf(row: Selectable<MediaTable>): Media {
  const any: AnyMedia = {
    nid: row.media_nid,
    serverNid: row.server_nid,
    mediaId: row.media_id,
    uploaderNid: row.uploader_nid,
    quarantined: row.quarantined_ts !== null,
  }
  const { blob_key: blob, size, sha256, stored_ts: storedTs } = row
  if (blob !== null && size !== null && sha256 !== null && storedTs !== null) {
    return {
      ...any,
      state: 'stored',
      blob,
      size,
      sha256,
      storedTs,
      contentType: row.content_type ?? 'application/octet-stream',
      sniffedType: row.sniffed_type ?? undefined,
      fileName: row.file_name ?? undefined,
      authenticated: row.authenticated,
      image: imageFactsOf(row),
    }
  }
  if (row.expires_ts !== null) return { ...any, state: 'pending', expiresTs: row.expires_ts }
  return { ...any, state: 'removed' }
}
