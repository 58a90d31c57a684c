import { sha256 } from '../../../protocol/crypto/sha256.ts'
import type { RoomServices } from '../../../homeserver/rooms/room-services.ts'
import { answerOf, rememberAnswer } from '../../../storage/federation/inbound-transactions.ts'
import type { VerifiedOrigin } from '../authenticate.ts'

/** Does transactions once. */
export interface AnsweredTransactions {
  /**
   * The answer to a server's transaction: of `work`, or the one that it has had already.
   *
   * @param work gives the answer as JSON text. When it fails nothing is remembered, and a repetition does it again.
   */
  once(origin: VerifiedOrigin, txnId: string, work: () => Promise<string>): Promise<string | Buffer>
}

export function answeredTransactions({
  queries,
  now,
}: Pick<RoomServices, 'queries' | 'now'>): AnsweredTransactions {
  const running = new Map<string, Promise<string | Buffer>>()

  const answer = async (origin: VerifiedOrigin, txnIdHash: Buffer, work: () => Promise<string>) => {
    const known = await answerOf(queries, origin, txnIdHash)
    if (known) return known
    const response = await work()
    const receivedTs = now()
    await rememberAnswer(queries, {
      serverName: origin,
      txnIdHash,
      response: Buffer.from(response),
      receivedTs,
    })
    return response
  }

  return {
    once(origin, txnId, work) {
      const txnIdHash = Buffer.from(sha256(txnId))
      const key = `${origin} ${txnIdHash.toString('base64')}`
      const underWay = running.get(key)
      if (underWay) return underWay
      const begun = answer(origin, txnIdHash, work).finally(() => running.delete(key))
      running.set(key, begun)
      return begun
    },
  }
}
