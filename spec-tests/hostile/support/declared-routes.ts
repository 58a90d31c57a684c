import Router from '@koa/router'
import { vi } from 'vitest'

/** An endpoint as a server declares it. */
export interface DeclaredEndpoint {
  readonly method: string
  /** With its parameters: `/_matrix/client/v3/rooms/:roomId/leave`. */
  readonly pattern: string
}

/** Runs a start and tells which endpoints were declared meanwhile: all of that server, the newest included. */
export async function recordRoutes<Result>(
  start: () => Promise<Result>,
): Promise<{ result: Result; endpoints: readonly DeclaredEndpoint[] }> {
  const declared = new Set<string>()
  const register = vi.spyOn(Router.prototype, 'register')
  try {
    const result = await start()
    for (const [path, methods] of register.mock.calls) {
      for (const method of methods) declared.add(`${method.toUpperCase()} ${String(path)}`)
    }
    const endpoints = [...declared].map((line) => {
      const [method, pattern] = line.split(' ')
      return { method: method!, pattern: pattern! }
    })
    return { result, endpoints }
  } finally {
    register.mockRestore()
  }
}
