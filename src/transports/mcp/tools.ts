import type { Tool } from '@modelcontextprotocol/server'
import { FOR_MODELS, type Toolset } from '../../bus/toolsets.ts'
import { catalog } from '../../operations/catalog.ts'
import { toolSchema } from './tool-schemas.ts'

export function toolsOf(toolsets: readonly Toolset[]): Tool[] {
  return catalog
    .filter(entry => FOR_MODELS.includes(entry.toolset) && toolsets.includes(entry.toolset))
    .map(entry => ({
      name: entry.name,
      description: entry.description,
      inputSchema: toolSchema(entry) as Tool['inputSchema'],
      ...(entry.effect === 'read' ? { annotations: { readOnlyHint: true } } : {}),
    }))
}
