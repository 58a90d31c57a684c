import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { AccountApiContext } from '../context.ts'

/** No path can be made of it. */
const VERSION = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/
/** The administrator's document may have pictures and styles, and no scripts. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

/** `GET /_matrix/consent`: the server's own policy, `user_consent.template_dir`, in the version asked for. */
export function ownPolicy({ config }: AccountApiContext): Handler<undefined> {
  const { consent } = config.registration
  return async (request) => {
    const version = request.query('v') ?? consent?.version ?? ''
    const directory = consent?.templateDirectory
    if (directory === undefined || !VERSION.test(version)) throw notFound()
    const bytes = await readFile(join(directory, 'en', `${version}.html`)).catch(() => {
      throw notFound()
    })
    const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY }
    return { status: 200, headers, body: { bytes } }
  }
}

function notFound(): MatrixError {
  return new MatrixError(404, 'M_NOT_FOUND', 'There is no such document')
}
