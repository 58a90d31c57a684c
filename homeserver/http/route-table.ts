import FindMyWay, { type HTTPMethod } from 'find-my-way'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { EndpointMiddleware, Routes } from './endpoint.ts'

/** The longest identifiers are 255 bytes, each of which a client may send as `%xx`; media file names are as long. */
const MAX_PARAM_LENGTH = 3 * 255 + 3

const METHODS: readonly HTTPMethod[] = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH']

/** A declared route. */
export interface DeclaredRoute {
  readonly pattern: string
  readonly run: EndpointMiddleware
}

/** A request's route with its percent-decoded path parameters. */
export interface RouteMatch {
  readonly route: DeclaredRoute
  readonly params: Record<string, string | undefined>
}

/** Further patterns under which a pattern is served. */
export type Aliases = (pattern: string) => readonly string[]

/**
 * Every module's routes in one radix tree, whose look-up costs the same for the first and the last of some hundred
 * patterns; a chain of routers matches them one after another.
 */
export class RouteTable {
  readonly #tree = FindMyWay({ maxParamLength: MAX_PARAM_LENGTH, caseSensitive: true })

  constructor(modules: readonly Routes[], aliases: Aliases = () => []) {
    for (const { methods, path, stack } of modules.flatMap((module) => module.stack)) {
      const run = stack[0]
      if (typeof path !== 'string' || !run || stack.length > 1) {
        throw new TypeError(`the route ${String(path)} must have a text pattern and one endpoint`)
      }
      const route: DeclaredRoute = { pattern: path, run: run as EndpointMiddleware }
      for (const method of methods.filter(isDispatched)) {
        for (const pattern of [path, ...aliases(path)]) this.#tree.on(method, pattern, ignored, route)
      }
    }
  }

  /**
   * Finds the route of a request. HEAD is served as GET.
   *
   * @param path the path as sent, without the query.
   * @throws MatrixError 404 or 405 M_UNRECOGNIZED (client-server API, "API standards"), 400 for a path that is
   *   not percent-encoded UTF-8 or whose parameters hold U+0000. A parameter is never empty: where the
   specification has an empty one, a pattern that ends in a slash is declared.
   */
  find(method: string, path: string): RouteMatch {
    const found = this.#tree.find((method === 'HEAD' ? 'GET' : method) as HTTPMethod, path)
    if (!found) throw this.#unmatched(path)
    for (const name in found.params) {
      const value = found.params[name]
      if (!value) throw new MatrixError(404, 'M_UNRECOGNIZED', 'No such endpoint')
      if (value.includes('\0')) {
        throw new MatrixError(400, 'M_INVALID_PARAM', `The path parameter ${name} may not hold U+0000`)
      }
    }
    return { route: found.store as DeclaredRoute, params: found.params }
  }

  /** The methods that a path is served under. */
  methodsOf(path: string): string[] {
    return METHODS.filter((method) => this.#tree.find(method, path) !== null)
  }

  #unmatched(path: string): MatrixError {
    if (!isDecodable(path))
      return new MatrixError(400, 'M_INVALID_PARAM', 'The path is not percent-encoded UTF-8')
    if (this.methodsOf(path).length === 0) return new MatrixError(404, 'M_UNRECOGNIZED', 'No such endpoint')
    return new MatrixError(405, 'M_UNRECOGNIZED', 'This endpoint is not served under this method')
  }
}

function isDispatched(method: string): method is HTTPMethod {
  return (METHODS as readonly string[]).includes(method)
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

/** find-my-way wants a handler; the dispatcher runs the route from the store. */
function ignored(): void {}
