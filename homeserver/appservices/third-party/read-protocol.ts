import { networkInstanceId } from './network-instance.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../../protocol/json/value.ts'

/**
 * A protocol as a service describes it, in the form that clients get: each instance gets an id by which its rooms are
 * found in the public directory.
 *
 * @returns undefined for what is no description; instances that are none are left out.
 */
export function readProtocol(told: JsonValue, appserviceId: string): JsonObject | undefined {
  if (!isJsonObject(told)) return undefined
  const fieldTypes = ownValue(told, 'field_types') ?? {}
  const [userFields, locationFields] = [textsIn(told, 'user_fields'), textsIn(told, 'location_fields')]
  if (!userFields || !locationFields || !isJsonObject(fieldTypes)) return undefined
  const instances = ownValue(told, 'instances') ?? []
  return {
    user_fields: userFields,
    location_fields: locationFields,
    icon: textIn(told, 'icon') ?? '',
    field_types: Object.fromEntries(Object.entries(fieldTypes).filter(([, type]) => isFieldType(type))),
    instances: (Array.isArray(instances) ? instances : []).flatMap((instance) => {
      const read = isJsonObject(instance) ? readInstance(instance, appserviceId) : undefined
      return read ? [read] : []
    }),
  }
}

function readInstance(instance: JsonObject, appserviceId: string): JsonObject | undefined {
  const [desc, networkId] = [textIn(instance, 'desc'), textIn(instance, 'network_id')]
  const fields = ownValue(instance, 'fields')
  if (desc === undefined || networkId === undefined || !isJsonObject(fields)) return undefined
  const icon = textIn(instance, 'icon')
  const instanceId = networkInstanceId({ appserviceId, networkId })
  return { desc, network_id: networkId, fields, ...(icon !== undefined && { icon }), instance_id: instanceId }
}

function isFieldType(type: JsonValue): boolean {
  if (!isJsonObject(type)) return false
  return textIn(type, 'regexp') !== undefined && textIn(type, 'placeholder') !== undefined
}

function textIn(object: JsonObject, key: string): string | undefined {
  const value = ownValue(object, key)
  return typeof value === 'string' ? value : undefined
}

function textsIn(object: JsonObject, key: string): string[] | undefined {
  const value = ownValue(object, key) ?? []
  if (!Array.isArray(value)) return undefined
  const texts = value.filter((text) => typeof text === 'string')
  return texts.length === value.length ? texts : undefined
}
