import { json } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { MediaServices } from '../../homeserver/media/media-services.ts'
import { UPLOADER_ORDERS, uploaderStatistics } from '../../storage/media/media-statistics.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { listedPart, queryChoice, queryNumber } from '../http/query-values.ts'

/** How much users have uploaded, for administrators, in Synapse's form ("Admin API, Statistics"). */
export function mediaStatisticsRoutes({ queries, now }: MediaServices, { admin }: ClientEndpoints): Routes {
  return declareRoutes().get(
    '/_synapse/admin/v1/statistics/users/media',
    admin(async (request) => {
      const part = listedPart(request)
      const { uploaders, total } = await uploaderStatistics(queries, {
        ...part,
        since: queryNumber(request, 'from_ts', 0),
        until: queryNumber(request, 'until_ts', now()),
        search: (request.query('search_term') ?? '').replaceAll('\0', ''),
        orderBy: queryChoice(request, 'order_by', UPLOADER_ORDERS, 'user_id'),
        descending: queryChoice(request, 'dir', ['f', 'b'], 'f') === 'b',
      })
      const end = part.from + uploaders.length
      return json({
        users: uploaders.map(({ userId, displayName, count, bytes }) => {
          return { user_id: userId, displayname: displayName, media_count: count, media_length: bytes }
        }),
        total,
        ...(uploaders.length > 0 && end < total && { next_token: end }),
      })
    }),
  )
}
