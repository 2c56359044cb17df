import type { IncomingHttpHeaders } from 'node:http'

/** A piece of what the model was shown, and where it stood. */
export interface Part {
  /** Index of its message; -1 for the system prompt. */
  message: number
  role: 'system' | 'user' | 'assistant'
  kind: 'text' | 'tool_use' | 'tool_result'
  text: string
  toolName?: string
  toolUseId?: string
}

/** A request as the model received it, without the parts that would fill the memory (tool schemas). */
export interface ModelRequest {
  seq: number
  /** When all of it had come, by `performance.now()`. */
  at: number
  sessionId: string | undefined
  /**
   * `main`: the session's own loop. `subagent`: the loop of an agent that it started. `compaction`: the main loop with
   * the order to write a summary at its end. `side`: titles and classifiers, the only ones without tools.
   */
  kind: 'main' | 'subagent' | 'compaction' | 'side'
  model: string
  headers: IncomingHttpHeaders
  tools: { name: string; description: string }[]
  parts: Part[]
  /** Of the whole body, tool schemas included. */
  bodyChars: number
}

/** How the client ends a compaction request: the only thing that tells it from the main loop. */
const SUMMARY_ORDER = 'an <analysis> block followed by a <summary> block'

// biome-ignore lint/suspicious/noExplicitAny: foreign JSON, read field by field
type Json = any

export function parseRequest(seq: number, headers: IncomingHttpHeaders, body: Json): ModelRequest {
  const tools: Json[] = Array.isArray(body?.tools) ? body.tools : []
  const parts: Part[] = [
    ...blocksOf(body?.system).map(block => partOf(block, -1, 'system')),
    ...(body?.messages ?? []).flatMap((message: Json, index: number) =>
      blocksOf(message.content).map(block => partOf(block, index, message.role)),
    ),
  ]
  return {
    seq,
    // biome-ignore lint/plugin: the benches measure with it.
    at: performance.now(),
    sessionId: sessionIdOf(headers, body),
    kind: kindOf(headers, tools, parts),
    model: String(body?.model ?? ''),
    headers,
    tools: tools.map(tool => ({ name: String(tool.name), description: String(tool.description ?? '') })),
    parts,
    bodyChars: JSON.stringify(body ?? '').length,
  }
}

function kindOf(headers: IncomingHttpHeaders, tools: Json[], parts: Part[]): ModelRequest['kind'] {
  if (tools.length === 0) return 'side'
  if (headers['x-claude-code-agent-id'] !== undefined) return 'subagent'
  // Context of hooks may stand behind it.
  const last = parts.findLast(part => part.role === 'user' && part.kind === 'text')
  return last?.text.includes(SUMMARY_ORDER) === true ? 'compaction' : 'main'
}

function sessionIdOf(headers: IncomingHttpHeaders, body: Json): string | undefined {
  const header = headers['x-claude-code-session-id']
  if (typeof header === 'string') return header
  try {
    return JSON.parse(body.metadata.user_id).session_id
  } catch {
    return undefined
  }
}

function blocksOf(content: Json): Json[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return Array.isArray(content) ? content : []
}

function partOf(block: Json, message: number, role: Part['role']): Part {
  const where = { message, role }
  if (block.type === 'tool_use')
    return { ...where, kind: 'tool_use', text: JSON.stringify(block.input), toolName: block.name, toolUseId: block.id }
  if (block.type === 'tool_result') {
    const text = blocksOf(block.content).map(inner => inner.text ?? `<${inner.type}>`)
    return { ...where, kind: 'tool_result', text: text.join('\n'), toolUseId: block.tool_use_id }
  }
  return { ...where, kind: 'text', text: block.text ?? `<${block.type}>` }
}

/** All that the model was shown in a request: system prompt, reminders, conversation, tool calls and results. */
export function textOf(request: ModelRequest): string {
  return request.parts.map(part => part.text).join('\n')
}

/** Where a text stands in a request: one entry per occurrence, so that `length` says how often the model saw it. */
export function placesOf(request: ModelRequest, needle: string): Part[] {
  return request.parts.flatMap(part => Array<Part>(part.text.split(needle).length - 1).fill(part))
}

/** The last text in the user's role, without reminders: what this turn is about. */
export function lastUserText(request: ModelRequest): string {
  const texts = request.parts.filter(part => part.role === 'user' && part.kind === 'text').map(withoutReminders)
  return texts.filter(text => text !== '').at(-1) ?? ''
}

function withoutReminders(part: Part): string {
  return part.text.replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, '').trim()
}
