import type { HookInput } from './input.ts'

/** How Claude Code names the tools of this plugin's server. */
export const OWN_TOOLS = 'mcp__plugin_switchboard_bus__'

/** Talk by other means, and looking for tools to talk with. */
const TALK = new Set(['ToolSearch', 'Skill', 'SendMessage', 'ListAgents', 'TodoWrite'])

const TALK_PROGRAMS = new Set(['switchboard', 'swb'])

/** The bell, and what the client itself puts into a prompt: notes of tasks and monitors, and words of other sessions. */
const MADE_BY_MACHINE = /^\d+ new messages? on the switchboard \(ring \d+\)$|^<[a-z]/

/**
 * Whether this prompt was written by a person. An empty one is of a client that does not tell, so nobody knows.
 */
export function isPersons({ prompt }: HookInput): boolean {
  const text = prompt.trim()
  return text !== '' && !MADE_BY_MACHINE.test(text)
}

/**
 * Whether the agent works: it uses another tool than those it talks with. Tools with a hook of their own are judged as
 * they begin, the others by the names in the end of their batch.
 */
export function isWork({ event, tool, command, tools }: HookInput): boolean {
  if (event === 'PreToolUse') return !isTalkTool(tool) && !(tool === 'Bash' && isTalkInShell(command))
  return event === 'PostToolBatch' && tools.some(name => name !== 'Bash' && !isTalkTool(name))
}

function isTalkTool(name: string): boolean {
  return name.startsWith(OWN_TOOLS) || TALK.has(name)
}

/** Talks where it runs the switchboard's own command, or does nothing but wait. A quoted `;` may end a command here, too. */
function isTalkInShell(command: string): boolean {
  const programs = command.split(/[;&|(\n]/).flatMap(each => programOf(each) ?? [])
  return programs.some(name => TALK_PROGRAMS.has(name)) || programs.every(name => name === 'sleep')
}

function programOf(command: string): string | undefined {
  const word = command.split(/\s/).find(each => each !== '' && !/^\w+=/.test(each))
  return word?.slice(word.lastIndexOf('/') + 1)
}
