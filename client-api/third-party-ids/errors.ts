import { MatrixError } from '../../protocol/errors/matrix-error.ts'

/** The error where no mail is sent. */
export function noMail(): MatrixError {
  return new MatrixError(400, 'M_THREEPID_MEDIUM_NOT_SUPPORTED', 'This server sends no mail')
}

/** The error where addresses stay as they are. */
export function changesDenied(): MatrixError {
  return new MatrixError(403, 'M_FORBIDDEN', 'Addresses of accounts cannot be changed here')
}

/** The error where no identity server is asked anything. */
export function notPublished(): MatrixError {
  return new MatrixError(403, 'M_SERVER_NOT_TRUSTED', 'This server works with no identity server')
}

/** The error for an address that an account has already. */
export function inUse(): MatrixError {
  return new MatrixError(400, 'M_THREEPID_IN_USE', 'This mail address belongs to an account already')
}

/** The error for an address that no account has. */
export function notFound(): MatrixError {
  return new MatrixError(400, 'M_THREEPID_NOT_FOUND', 'No account has this mail address')
}
