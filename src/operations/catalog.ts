import { z } from 'zod'
import type { Toolset } from '../bus/toolsets.ts'
import { operations } from './index.ts'
import type { CommandWords } from './operation.ts'

/**
 * The operations as plain data, for doors that must start fast: the build evaluates this module and puts its result
 * in its place, so that neither the session process nor the command line loads the schemas' library.
 */
export interface CatalogEntry {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly toolset: Toolset
  readonly scope: string
  readonly effect: 'read' | 'write'
  readonly takesPath: boolean
  /** JSON Schema, draft 2020-12. */
  readonly inputSchema: JsonSchema
  readonly outputSchema: JsonSchema
  readonly command: CommandWords
}

export interface JsonSchema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly description?: string
  readonly [keyword: string]: unknown
}

export const catalog: readonly CatalogEntry[] = operations.map(operation => ({
  name: operation.name,
  title: operation.title,
  description: operation.description,
  toolset: operation.toolset,
  scope: operation.scope,
  effect: operation.effect,
  takesPath: operation.takesPath,
  inputSchema: schemaOf(operation.input, 'input'),
  outputSchema: schemaOf(operation.output, 'output'),
  command: operation.command,
}))

function schemaOf(schema: z.ZodObject, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<string, unknown>
  return rest
}
