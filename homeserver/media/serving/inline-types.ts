import type { FileFacts } from '../../../storage/media/media.ts'

/** Types that may be shown in place (client-server API, "Serving inline content"). */
const INLINE_TYPES: ReadonlySet<string> = new Set([
  'text/css', 'text/plain', 'text/csv', 'application/json', 'application/ld+json',
  'image/jpeg', 'image/gif', 'image/png', 'image/apng', 'image/webp', 'image/avif',
  'video/mp4', 'video/webm', 'video/ogg', 'video/quicktime',
  'audio/mp4', 'audio/webm', 'audio/aac', 'audio/mpeg', 'audio/ogg', 'audio/wave', 'audio/wav', 'audio/x-wav',
  'audio/x-pn-wav', 'audio/flac', 'audio/x-flac',
]) // prettier-ignore

const KIND: Readonly<Record<string, string>> = {
  image: 'image',
  video: 'sound or film',
  audio: 'sound or film',
}

/**
 * Whether a file may be shown in place: its type is on the specification's list, and its first bytes do not belie it.
 * An image, sound or film must have the signature of one; text must have none.
 */
export function isShownInline({ contentType, sniffedType }: FileFacts): boolean {
  const type = essenceOf(contentType)
  if (!INLINE_TYPES.has(type)) return false
  return kindOf(type) === (sniffedType === undefined ? undefined : kindOf(essenceOf(sniffedType), 'other'))
}

/** A content type without its parameters, in lower case. */
export function essenceOf(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase()
}

function kindOf(type: string, otherwise?: string): string | undefined {
  return KIND[type.split('/', 1)[0] ?? ''] ?? otherwise
}
