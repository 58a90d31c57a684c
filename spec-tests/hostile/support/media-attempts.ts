import { fileNameOf } from '../../../homeserver/media/serving/content-disposition.ts'
import { MediaClient } from '../../support/media-client.ts'
import { inPath, type AttemptOutcome, type ColumnAttempt } from './column-attempt.ts'

async function upload(
  client: MediaClient,
  query: string,
  type: string,
  readBack: (headers: Headers) => unknown,
  expected?: string,
): Promise<AttemptOutcome> {
  const answer = await client.transfer('POST', `/_matrix/media/v3/upload${query}`, 'x', {
    'content-type': type,
  })
  if (answer.status >= 300) return { stored: false, status: answer.status }
  const { content_uri } = (await answer.json()) as { content_uri: string }
  const { headers } = await client.download(content_uri.slice('mxc://'.length))
  return { stored: true, readBack: readBack(headers), ...(expected !== undefined && { expected }) }
}

/** What clients write about files. */
export const MEDIA_ATTEMPTS: readonly ColumnAttempt[] = [
  {
    name: 'the name of a file',
    columns: ['media.file_name'],
    run: ({ alice }, text) => {
      const readBack = (headers: Headers) => fileNameOf(headers.get('content-disposition') ?? undefined)
      // Bytes that are no UTF-8 are read as the sign for them, each by itself.
      const expected = text.replaceAll('\ud800', '\ufffd'.repeat(3))
      return upload(MediaClient.of(alice), `?filename=${inPath(text)}`, 'text/plain', readBack, expected)
    },
  },
  {
    name: 'the type of a file',
    columns: ['media.content_type'],
    run: ({ alice }, text) => {
      // What no header can carry does not come this far.
      const type = `text/${text.replace(/[^\x20-\x7e]/g, '')}`
      const expected = type.length > 255 ? 'application/octet-stream' : type === 'text/' ? undefined : type
      const readBack = (headers: Headers) => headers.get('content-type')
      return upload(MediaClient.of(alice), '', type, readBack, expected ?? 'application/octet-stream')
    },
  },
]
