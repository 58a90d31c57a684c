import { MatrixError } from '../../protocol/errors/matrix-error.ts'

/** There is no such media, for whoever asks. */
export function noSuchMedia(sentence = 'There is no such media'): MatrixError {
  return new MatrixError(404, 'M_NOT_FOUND', sentence)
}

/** The content of a reserved id has not come (client-server API, "Content repository"). */
export function notYetUploaded(): MatrixError {
  return new MatrixError(504, 'M_NOT_YET_UPLOADED', 'The content has not been uploaded yet; try again later')
}

/** An upload is larger than this server takes. */
export function uploadTooLarge(maxBytes: number): MatrixError {
  return new MatrixError(413, 'M_TOO_LARGE', `Uploads may have at most ${maxBytes} bytes`)
}

/** What another server has is larger than this one passes on. */
export function remoteTooLarge(): MatrixError {
  return new MatrixError(
    502,
    'M_TOO_LARGE',
    'The other server has a file that is too large to be served here',
  )
}
