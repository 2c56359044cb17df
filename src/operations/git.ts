import { z } from 'zod'
import { OPERATOR_ID } from '../bus/access.ts'
import { sharedGitVerbs } from '../bus/git-verbs.ts'
import { LIMITS } from '../bus/limits.ts'
import { worktreeFinder } from '../bus/place.ts'
import { joined, retold, type Said, say } from '../bus/say.ts'
import { presenceOf, type Session } from '../bus/session.ts'
import { type Call, defineOperation } from './operation.ts'
import { believed, neighbours } from './places.ts'
import { ownSession } from './require-session.ts'
import { decision, path } from './shapes.ts'

export const checkGit = defineOperation({
  name: 'check_git',
  title: 'Whether a shell line moves ground that others stand on',
  description:
    'For session processes: git commands that move branch, index or files under another live session, in whichever worktree they act.',
  toolset: 'hooks',
  scope: 'read',
  effect: 'read',
  provesReading: false,
  input: z.strictObject({
    command: z.string().max(LIMITS.textChars),
    cwd: path.optional().describe("where the shell is; default: the session's folder"),
    home: path.optional().describe('what ~ and $HOME stand for'),
  }),
  output: z.object({ decision, reason: z.string().optional() }),
  command: {},
  async run(call, input) {
    const session = ownSession(call)
    const verbs = sharedGitVerbs(input.command, { cwd: input.cwd ?? session.cwd, home: input.home })
    if (verbs.length === 0) return { decision: 'none' as const }
    const near = await neighbours(call, session.machine)
    // The innermost may be one that only a stranger speaks of; whom it lies around is at work there as well.
    const finders = [believed(call, near), near].map(those => worktreeFinder([session, ...those]))
    const moved = new Map<string, Set<string>>()
    for (const { verb, folder } of verbs) {
      // Where only the shell could tell the folder, the session's own worktree is the likeliest.
      const worktrees = folder === undefined ? [session.worktree] : finders.map(worktreeOf => worktreeOf(folder))
      for (const worktree of worktrees) {
        if (worktree !== undefined) moved.set(worktree, (moved.get(worktree) ?? new Set()).add(verb))
      }
    }
    const now = await call.bus.store.now()
    const others = near.filter(other => isOtherAlive(call, other, now))
    const reasons = [...moved].flatMap(([worktree, its]) => {
      const names = others.filter(other => other.worktree === worktree).map(other => other.name)
      return names.length === 0 ? [] : [reason([...its], worktree, names, worktree === session.worktree)]
    })
    if (reasons.length === 0) return { decision: 'none' as const }
    return { decision: 'ask' as const, reason: say`Switchboard: ${joined(' ', reasons)}`.text }
  },
})

function reason(verbs: string[], worktree: string, names: string[], isOwn: boolean): Said {
  const [which, too] = isOwn ? [say('the worktree'), say(' too')] : [say`the worktree ${worktree}`, say('')]
  return say`${verbs.map(verb => retold(verb))} moves ${which} that ${names} ${say(names.length === 1 ? 'works' : 'work')} in${too}.`
}

function isOtherAlive(call: Call, other: Session, now: number): boolean {
  if (other.id === call.session?.id || other.id === OPERATOR_ID) return false
  const presence = presenceOf({ ...other, seenAt: call.bus.presence.seenAt(other, now) }, now)
  return presence === 'online' || presence === 'idle'
}
