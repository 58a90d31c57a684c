import type { FileFacts } from '../../../storage/media/media.ts'
import { contentDisposition } from './content-disposition.ts'
import { isShownInline } from './inline-types.ts'

/** The policy that the specification recommends ("Content repository"): what is opened as a page can do nothing. */
const POLICY =
  "sandbox; default-src 'none'; script-src 'none'; plugin-types application/pdf; style-src 'unsafe-inline'; object-src 'self';"

/** What a file is and what a browser may do with it: the headers that go with its bytes over either API. */
export function contentHeaders(file: FileFacts): Record<string, string> {
  return {
    'Content-Type': file.contentType,
    'Content-Disposition': contentDisposition(isShownInline(file) ? 'inline' : 'attachment', file.fileName),
  }
}

/** What keeps browsers from running, guessing or hiding the bytes. */
export const SAFETY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Robots-Tag': 'noindex, nofollow, noarchive, noimageindex',
}
