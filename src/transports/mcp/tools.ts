import type { Tool } from '@modelcontextprotocol/server'
import { catalog } from '../../operations/catalog.ts'
import type { Toolset } from '../../operations/operation.ts'
import { toolSchema } from './tool-schemas.ts'

/** `admin` never becomes a tool, because administration stays with the person; `hooks` is for programs. */
const FOR_MODELS: readonly Toolset[] = ['talk', 'state', 'claims']

/** `talk,claims` → those; undefined → all. What is no toolset is passed over, and none left means all. */
export function toolsetsOf(written: string | undefined): readonly Toolset[] {
  const wanted = (written ?? '').split(',').map(each => each.trim())
  const chosen = FOR_MODELS.filter(toolset => wanted.includes(toolset))
  return chosen.length === 0 ? FOR_MODELS : chosen
}

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
