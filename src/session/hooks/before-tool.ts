import { realpath } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { defined } from '../../bus/defined.ts'
import { BusError } from '../../bus/errors.ts'
import { mayNameGit } from '../../bus/git-named.ts'
import { retold, type Said, say } from '../../bus/say.ts'
import type { OutputOf } from '../../client/index.ts'
import { userHome } from '../../home/user-folder.ts'
import type { HubLink } from '../hub-link.ts'
import { HOOK_WAIT_MS } from '../letters.ts'
import { context, permission } from './answer.ts'
import { OWN_TOOLS } from './beginnings.ts'
import type { HookInput } from './input.ts'
import type { Mail } from './mail.ts'

/** Reading with these takes mail away from the session's own agent. */
const TAKES_MAIL = new Set([`${OWN_TOOLS}inbox`, `${OWN_TOOLS}ack`])

/**
 * What the bus has to say before a tool runs. `late`: letters that missed their own hook. A hub that is away has
 * nothing to say: claims are a courtesy among sessions, not a wall.
 */
export async function beforeTool(link: Pick<HubLink, 'ask'>, input: HookInput, late: Mail): Promise<string> {
  if (input.tool.startsWith(OWN_TOOLS)) return ownTool(input, late)
  if (input.path !== '') return await edit(link, input.path, late)
  if (input.tool === 'Bash' && mayNameGit(input.command)) return await shell(link, input, late)
  return context('PreToolUse', late)
}

function ownTool(input: HookInput, late: Mail): string {
  if (input.agentId === '' || !TAKES_MAIL.has(input.tool) || input.peek === 'true')
    return permission('allow', undefined, late)
  return permission(
    'deny',
    say("Switchboard: a subagent can only peek; the mail is its session's. Report what you need."),
  )
}

async function edit(link: Pick<HubLink, 'ask'>, path: string, late: Mail): Promise<string> {
  const { decision, reason } = await checked(options => link.ask('check_edit', { path }, options))
  if (decision === 'ask' || decision === 'deny') return permission(decision, reason, late)
  const texts = [decision === 'warn' ? reason.text : '', late.text]
  return context('PreToolUse', { ...late, text: texts.filter(text => text !== '').join('\n\n') })
}

async function shell(link: Pick<HubLink, 'ask'>, { command, cwd }: HookInput, late: Mail): Promise<string> {
  const { sharedGitVerbs } = await import('../../bus/git-verbs.ts')
  if (sharedGitVerbs(command).length === 0) return context('PreToolUse', late)
  // A subagent may be in another worktree than its session, and the hub knows worktrees by their real folders.
  const real = cwd === '' ? undefined : await realpath(cwd).catch(() => cwd)
  const asked = defined({ command, cwd: real, home: userHome(process.env) })
  const { decision, reason } = await checked(options => link.ask('check_git', asked, options))
  return decision === 'none' || decision === 'warn' ? context('PreToolUse', late) : permission(decision, reason, late)
}

type Checked = OutputOf<'check_edit' | 'check_git'>

/** A hub that is away has nothing to say; one that could not read what it was asked about has not said that it is fine. */
const UNREAD = new Set(['invalid_input', 'too_large'])
const unread = say(
  'Switchboard: this is too long to be checked, and it may move or change what other sessions work on. Shorter pieces are checked.',
)

async function checked(
  ask: (options: { signal: AbortSignal }) => Promise<Checked>,
): Promise<{ decision: Checked['decision']; reason: Said }> {
  const none: Checked = { decision: 'none' }
  const asked = ask({ signal: AbortSignal.timeout(HOOK_WAIT_MS) }).catch(error =>
    error instanceof BusError && UNREAD.has(error.code) ? { decision: 'ask' as const, reason: unread.text } : none,
  )
  const { decision, reason = '' } = await Promise.race([asked, sleep(HOOK_WAIT_MS, none, { ref: false })])
  return { decision, reason: retold(reason) }
}
