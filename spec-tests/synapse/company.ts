import { TestClient } from '../support/test-client.ts'

/** A server of either kind, as its clients meet it. */
export interface Side {
  readonly serverName: string
  readonly url: string
}

/** A room's host server with two users, and a guest server with three. */
export interface Company {
  readonly host: Side
  readonly guest: Side
  /** Creates the rooms. */
  readonly hanna: TestClient
  readonly hugo: TestClient
  readonly gina: TestClient
  readonly gus: TestClient
  readonly greta: TestClient
}

async function register(side: Side, localpart: string): Promise<TestClient> {
  const client = new TestClient(side.url)
  await client.register(localpart)
  return client
}

/** Registers everybody. @param suffix keeps the names of several companies on the same servers apart. */
export async function assembleCompany(host: Side, guest: Side, suffix: string): Promise<Company> {
  return {
    host,
    guest,
    hanna: await register(host, `hanna${suffix}`),
    hugo: await register(host, `hugo${suffix}`),
    gina: await register(guest, `gina${suffix}`),
    gus: await register(guest, `gus${suffix}`),
    greta: await register(guest, `greta${suffix}`),
  }
}
