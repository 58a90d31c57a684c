import type { Operation } from './operations.ts'

/** Why operations are not implemented. */
interface Reason {
  /** The reason of operations that are not listed elsewhere, by their module. */
  readonly modules?: readonly string[]
  /** Names of operations after their API: `CS getPushers`. */
  readonly operations?: readonly string[]
  readonly reason: string
  /** Whether there is a route all the same: one that refuses, or the route of another operation on the same path. */
  readonly refused?: boolean
}

const REASONS: readonly Reason[] = [
  {
    operations: [
      'CS requestTokenTo3PIDMSISDN',
      'CS requestTokenToResetPasswordMSISDN',
      'CS requestTokenToRegisterMSISDN',
    ],
    reason: 'accounts have no telephone numbers here: refused',
    refused: true,
  },
]

/** The name under which reasons know an operation. */
export function nameOf({ api, operationId }: Operation): string {
  return `${api} ${operationId}`
}

/** Why an operation is not implemented, as far as anybody has said. */
export function reasonOf(operation: Operation): string | undefined {
  return entryOf(operation)?.reason
}

/** Whether an operation is not implemented although a route with its path is declared. */
export function isRefused(operation: Operation): boolean {
  return entryOf(operation)?.refused === true
}

function entryOf(operation: Operation): Reason | undefined {
  const named = REASONS.find(({ operations }) => operations?.includes(nameOf(operation)))
  return named ?? REASONS.find(({ modules }) => modules?.includes(operation.module))
}

/** Every operation that a reason names. */
export function reasonedOperations(): string[] {
  return REASONS.flatMap(({ operations = [] }) => operations)
}
