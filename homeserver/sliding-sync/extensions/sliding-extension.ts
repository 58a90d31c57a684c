import type { JsonObject } from '../../../protocol/json/value.ts'
import type { Viewer } from '../../history/read-services.ts'
import type { ProvidedStretch } from '../../sync/stream-provider.ts'

/** An extension's part of an answer. */
export interface ExtensionPart {
  /** JSON text of its value under `extensions`. */
  readonly text: string
  /** Whether it is worth answering a waiting client for. */
  readonly hasNews: boolean
}

/**
 * Gives the part of an extension that sliding sync itself knows nothing of: encryption its keys and messages. What
 * it tells of must be committed to the stream; whoever has news wakes the user through `UserViews`.
 */
export interface SlidingExtension {
  /** Its key under `extensions`, in requests and answers. */
  readonly key: string
  /**
   * Reads what is new. Asked only when the client has switched it on.
   *
   * @param request what the client asks of it.
   * @param stretch what the client has not been told; an extension with a token of its own goes by that.
   * @throws MatrixError 400 M_INVALID_PARAM for a request that is not right.
   */
  read(viewer: Viewer, request: JsonObject, stretch: ProvidedStretch): Promise<ExtensionPart>
}
