import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonObject } from '../../protocol/json/value.ts'
import { openLink } from '../../spec-tests/support/link.ts'
import { createPrivateAuthority } from '../../spec-tests/support/private-authority.ts'
import { createRegion, type Region } from '../../spec-tests/support/region.ts'
import { TestClient } from '../../spec-tests/support/test-client.ts'
import { startFakePeer, type FakePeer } from './fake-peer.ts'

/** PostgreSQL's own user must reach the database in it. */
const PASSABLE = 0o711

/** A real server with its own PostgreSQL, one of its users, and a fake server that sends to it. */
export interface FederationBench {
  readonly region: Region
  readonly peer: FakePeer
  readonly alice: TestClient
}

/** Starts it. @param closing ends it. */
export async function openBench(closing: AsyncDisposableStack): Promise<FederationBench> {
  const directory = await mkdtemp(join(tmpdir(), 'meridian-federation-'))
  closing.defer(() => rm(directory, { recursive: true, force: true }))
  await chmod(directory, PASSABLE)
  const authority = await createPrivateAuthority(join(directory, 'authority.crt'))
  const link = await openLink()
  closing.defer(() => link.close())
  const destination = { serverName: 'here.test', port: () => link.port }
  const peer = await startFakePeer(authority, 'fake.test', destination)
  closing.defer(() => peer.close())
  const region = await createRegion({
    serverName: destination.serverName,
    authority,
    directory: join(directory, 'here'),
    peers: new Map([[peer.serverName, peer.port]]),
    federationLinks: [link],
  })
  closing.defer(() => region.close())
  await region.start()
  const alice = new TestClient(region.url)
  await alice.register('alice')
  return { region, peer, alice }
}

/** Sends a transaction. @throws Error unless every event in it is taken in. */
export async function sendTransaction(
  peer: FakePeer,
  transactionId: string,
  body: JsonObject,
): Promise<void> {
  const answer = await peer.request('PUT', `/_matrix/federation/v1/send/${transactionId}`, body)
  if (answer.status !== 200 || JSON.stringify(answer.body).includes('"error"'))
    throw new Error(`a transaction was answered with ${answer.status} ${JSON.stringify(answer.body)}`)
}
