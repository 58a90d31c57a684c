import { createHmac, randomBytes } from 'node:crypto'
import type { HttpClient } from './http-client.ts'
import { MatrixUser } from './matrix-user.ts'

interface Registered {
  user_id: string
  access_token: string
}

/** Makes accounts with names that no earlier run on the same server has taken. */
export class Registration {
  readonly #http: HttpClient
  readonly #sharedSecret: string | undefined
  readonly #run = randomBytes(4).toString('hex')
  #count = 0

  /** @param sharedSecret for `/_synapse/admin/v1/register`; without it, registration must be open (dummy) */
  constructor(http: HttpClient, sharedSecret?: string) {
    this.#http = http
    this.#sharedSecret = sharedSecret
  }

  async user(role: string): Promise<MatrixUser> {
    const username = `bench-${this.#run}-${role}-${++this.#count}`
    const password = randomBytes(12).toString('base64url')
    const registered =
      this.#sharedSecret === undefined
        ? await this.#openly(username, password)
        : await this.#bySecret(username, password, this.#sharedSecret)
    return new MatrixUser(this.#http, registered.user_id, registered.access_token, password)
  }

  /** Registers one after another: password hashing is deliberately slow, and is not what is measured. */
  async users(role: string, count: number): Promise<MatrixUser[]> {
    const users: MatrixUser[] = []
    while (users.length < count) users.push(await this.user(role))
    return users
  }

  #openly(username: string, password: string): Promise<Registered> {
    const auth = { type: 'm.login.dummy' }
    return this.#http.json('POST', '/_matrix/client/v3/register', undefined, { username, password, auth })
  }

  async #bySecret(username: string, password: string, secret: string): Promise<Registered> {
    const path = '/_synapse/admin/v1/register'
    const { nonce } = await this.#http.json<{ nonce: string }>('GET', path)
    const mac = createHmac('sha1', secret)
      .update([nonce, username, password, 'notadmin'].join('\0'))
      .digest('hex')
    return this.#http.json('POST', path, undefined, { nonce, username, password, admin: false, mac })
  }
}
