import { isServerName } from './server-name.ts'

/** The two parts of `mxc://server-name/media-id`. */
export interface MxcUri {
  readonly serverName: string
  readonly mediaId: string
}

/** Media ids in use have at most 64 characters; the bound keeps them a safe file name. */
const MAX_MEDIA_ID_LENGTH = 255
const MEDIA_ID = /^[A-Za-z0-9_-]+$/

/**
 * Takes a content URI apart. Both parts are checked against their grammars, so that neither can name another
 * path (client-server API, "Content repository", "Security considerations").
 *
 * @returns undefined for what is not a content URI.
 */
export function parseMxcUri(text: string): MxcUri | undefined {
  if (!text.startsWith('mxc://')) return undefined
  const [serverName = '', mediaId = '', ...rest] = text.slice('mxc://'.length).split('/', 3)
  if (rest.length > 0 || !isServerName(serverName) || !isMediaId(mediaId)) return undefined
  return { serverName, mediaId }
}

/** Whether a text is a media id: letters, digits, `_` and `-`. */
export function isMediaId(text: string): boolean {
  return text.length <= MAX_MEDIA_ID_LENGTH && MEDIA_ID.test(text)
}

/** Puts a content URI together. */
export function mxcUri(serverName: string, mediaId: string): string {
  return `mxc://${serverName}/${mediaId}`
}
