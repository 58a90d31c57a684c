import type { IncomingMessage } from 'node:http'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'

/**
 * Reads a whole request body.
 *
 * @param maxBytes the most that is accepted.
 * @throws MatrixError 413 M_TOO_LARGE as soon as more is announced or received; 415 for a compressed body, because
 *   inflating it would unbound the size; 400 when the connection ends early.
 */
export async function readBody(message: IncomingMessage, maxBytes: number): Promise<Buffer> {
  refuseCompressed(message)
  if (Number(message.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
  // A connection that broke while the caller was being authenticated has told so already and will not again.
  if (message.destroyed) throw broken()
  const chunks: Buffer[] = []
  let size = 0
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      size += chunk.length
      if (size > maxBytes) return end(() => reject(tooLarge(maxBytes)))
      chunks.push(chunk)
    }
    const onEnd = (): void =>
      end(() => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)))
    const onBroken = (): void => end(() => reject(broken()))
    const end = (settle: () => void): void => {
      message.off('data', onData).off('end', onEnd).off('error', onBroken).off('close', onBroken)
      settle()
    }
    message.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken)
  })
}

/** @throws MatrixError 415 for a compressed body. */
export function refuseCompressed(message: IncomingMessage): void {
  const encoding = message.headers['content-encoding']
  if (encoding === undefined || encoding === 'identity') return
  throw new MatrixError(415, 'M_UNKNOWN', 'Compressed request bodies are not accepted')
}

function tooLarge(maxBytes: number): MatrixError {
  return new MatrixError(413, 'M_TOO_LARGE', `The request body is larger than ${maxBytes} bytes`)
}

function broken(): MatrixError {
  return new MatrixError(400, 'M_NOT_JSON', 'The request ended before its body did')
}
