import { createHmac } from 'node:crypto'

const PATH = '/_synapse/admin/v1/register'

/** The account to make. */
export interface NewAccount {
  readonly username: string
  readonly password: string
  readonly admin: boolean
}

async function read(response: Response): Promise<Record<string, unknown>> {
  const body: unknown = await response.json().catch(() => ({}))
  const answer = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  if (response.ok) return answer
  throw new Error(
    `The server refused (${response.status}): ${String(answer['error'] ?? 'it gave no reason')}`,
  )
}

/**
 * Registers an account on a running server by its shared secret, as Synapse's tools do.
 *
 * @param base the server's URL.
 * @returns the new account's user id.
 * @throws Error with the server's reason when it refuses.
 */
export async function registerBySharedSecret(
  base: string,
  secret: string,
  account: NewAccount,
): Promise<string> {
  const url = new URL(PATH, base)
  const { nonce } = await read(await fetch(url))
  const { username, password, admin } = account
  const mac = createHmac('sha1', secret)
    .update([String(nonce), username, password, admin ? 'admin' : 'notadmin'].join('\0'))
    .digest('hex')
  const body = JSON.stringify({ nonce, username, password, admin, mac })
  const answer = await read(
    await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body }),
  )
  return String(answer['user_id'])
}
