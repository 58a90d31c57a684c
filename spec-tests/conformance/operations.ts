import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** An operation of the specification. */
export interface Operation {
  readonly api: 'CS' | 'SS' | 'AS' | 'PUSH'
  readonly method: string
  /** With its parameters: `/_matrix/client/v3/rooms/{roomId}/leave`. */
  readonly path: string
  /** The specification's name of it, of which there is one. */
  readonly operationId: string
  readonly deprecated: boolean
  /** The module of the specification that it belongs to. */
  readonly module: string
}

/** Whether a homeserver sends the operation's request: to application services, push gateways, policy servers. */
export function isOutbound({ api, path }: Operation): boolean {
  return api === 'AS' || api === 'PUSH' || path.startsWith('/_matrix/policy/')
}

/** Every operation, in the specification's order. */
export function readOperations(): readonly Operation[] {
  const lines = readFileSync(join(import.meta.dirname, 'operations.tsv'), 'utf8')
    .trimEnd()
    .split('\n')
  return lines
    .filter((line) => !line.startsWith('#'))
    .slice(1)
    .map((line) => {
      const [api, method, path, operationId, deprecated, module] = line.split('\t')
      return { api, method, path, operationId, deprecated: deprecated === 'yes', module } as Operation
    })
}
