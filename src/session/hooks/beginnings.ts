import { hasWakeLine } from '../doorbell/wake-line.ts'
import type { HookInput } from './input.ts'

/** How Claude Code names the tools of this plugin's server. */
export const OWN_TOOLS = 'mcp__plugin_switchboard_bus__'

/** Talk by other means, looking for tools to talk with, and waiting for what runs in the background. */
const TALK = new Set([
  ...['ToolSearch', 'Skill', 'SendMessage', 'ListAgents', 'TodoWrite'],
  ...['BashOutput', 'TaskOutput', 'KillShell', 'TaskStop'],
])

/** What the client itself puts into a prompt: notes of tasks and monitors, and words of other sessions. */
const MADE_BY_CLIENT = /^<[a-z]/

/**
 * Whether this prompt was written by a person. An empty one is of a client that does not tell, so nobody knows. One with
 * a wake in it is not, whatever stands around the wake: its turn may have been started by the wake alone.
 */
export function isPersons({ prompt }: HookInput): boolean {
  const text = prompt.trim()
  return text !== '' && !hasWakeLine(text) && !MADE_BY_CLIENT.test(text)
}

/**
 * Whether the agent works: it uses another tool than those it talks with. Tools with a hook of their own are judged as
 * they begin, the others by the names in the end of their batch.
 */
export function isWork({ event, tool, command, cwd, tools }: HookInput): boolean | Promise<boolean> {
  if (event === 'PostToolBatch') return tools.some(name => name !== 'Bash' && !isTalkTool(name))
  if (event !== 'PreToolUse' || isTalkTool(tool)) return false
  return tool === 'Bash' ? isWorkInShell(command, cwd) : true
}

/** The bus's tools, also where the same server is there a second time, without the plugin. */
const BUS_TOOL = /^mcp__(?:[A-Za-z0-9-]+_)*(?:switchboard|swb)_/

function isTalkTool(name: string): boolean {
  return BUS_TOOL.test(name) || TALK.has(name)
}

async function isWorkInShell(command: string, cwd: string): Promise<boolean> {
  const { isTalkInShell } = await import('./shell-talk.ts')
  return !isTalkInShell(command, cwd)
}
