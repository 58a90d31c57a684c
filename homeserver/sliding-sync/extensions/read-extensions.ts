import { accountDataExtension } from './account-data.ts'
import { ENCRYPTION_DEFAULTS } from './encryption-defaults.ts'
import type { ExtensionContext } from './extension-context.ts'
import { receiptsExtension } from './receipts.ts'
import type { ExtensionPart } from './sliding-extension.ts'
import { typingExtension } from './typing.ts'

/** What all extensions that the client has switched on say, by their keys. */
export async function readExtensions(context: ExtensionContext): Promise<ReadonlyMap<string, ExtensionPart>> {
  const { services, request, since, head } = context
  const providers = [...ENCRYPTION_DEFAULTS, ...services.extensions]
  const asked = [...request.extensions.others].flatMap(([key, config]) => {
    const provider = providers.findLast((candidate) => candidate.key === key)
    return provider ? [provider.read(request.viewer, config, { after: since, upTo: head })] : []
  })
  const keys = [...request.extensions.others.keys()].filter((key) =>
    providers.some((provider) => provider.key === key),
  )
  const [accountData, receipts, ...others] = await Promise.all([
    accountDataExtension(context),
    receiptsExtension(context),
    ...asked,
  ])
  const parts = new Map<string, ExtensionPart>(keys.map((key, index) => [key, others[index]!]))
  const typing = typingExtension(context)
  if (accountData) parts.set('account_data', accountData)
  if (receipts) parts.set('receipts', receipts)
  if (typing) parts.set('typing', typing)
  return parts
}
