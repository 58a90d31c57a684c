import type { Network } from '../../../storage/directory/network-rooms.ts'

/** The id of a network among those of all services, as `third_party_instance_id` names it. */
export function networkInstanceId({ appserviceId, networkId }: Network): string {
  return `${appserviceId}|${networkId}`
}

/** The network that an id names; one that nobody has for what is no such id. */
export function networkOfInstance(instanceId: string): Network {
  const bar = Math.max(0, instanceId.indexOf('|'))
  return { appserviceId: instanceId.slice(0, bar), networkId: instanceId.slice(bar + 1) }
}
