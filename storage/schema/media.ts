import type { Generated, GeneratedAlways } from 'kysely'
import type { ImageFault } from '../media/image-facts.ts'
import type { BlobKey } from '../media/blobs/blob-key.ts'
import type { MediaNid, ServerNid, UserNid } from '../numeric-ids.ts'

/** What users have uploaded and what was fetched from other servers. Timestamps in ms, sizes in bytes. */
export interface MediaTable {
  media_nid: GeneratedAlways<MediaNid>
  server_nid: ServerNid
  media_id: string
  /** The local user; null for what came from elsewhere. */
  uploader_nid: UserNid | null
  created_ts: number
  /** Until when content may still come; null once it has. */
  expires_ts: number | null
  stored_ts: number | null
  removed_ts: number | null
  accessed_ts: number
  blob_key: BlobKey | null
  size: number | null
  sha256: Buffer | null
  /** As the uploader said. */
  content_type: string | null
  /** As the first bytes say. */
  sniffed_type: string | null
  file_name: string | null
  /** Whether it is served to those alone who are logged in. */
  authenticated: Generated<boolean>
  /** Whether it is left out when the media of its room or uploader is quarantined. */
  protected: Generated<boolean>
  quarantined_ts: number | null
  quarantined_by: UserNid | null
  /** In pixels, as it is shown; null for what is no image or has not been looked at. */
  image_width: Generated<number | null>
  image_height: Generated<number | null>
  image_animated: Generated<boolean | null>
  /** Why no thumbnail can be made of it. */
  image_fault: Generated<ImageFault | null>
}

/** Smaller forms of images that have been made. */
export interface MediaThumbnailTable {
  media_nid: MediaNid
  width: number
  height: number
  method: 'crop' | 'scale'
  animated: boolean
  content_type: string
  size: number
  blob_key: BlobKey
}

/** Blobs that no row may stand for: being written, or to be deleted. */
export interface LooseBlobTable {
  blob_key: BlobKey
  loose_since: number
}
