import type { Claim } from '../bus/claim.ts'
import { isLocalRepo } from '../bus/repo.ts'
import { say } from '../bus/say.ts'
import type { Session } from '../bus/session.ts'
import type { Command, Commands } from '../bus/store.ts'
import { followCommand } from './following.ts'
import { noticeTo } from './notices.ts'
import type { Call } from './operation.ts'
import { neighbours } from './places.ts'

type Located = Pick<Session, 'id' | 'machine' | 'gitdir' | 'repo'>

/**
 * A repository is called by its remote, and that may be added or changed while sessions live in it. The first to tell
 * the new name takes the others in the same git folder along, with what they have claimed: otherwise two sessions in one
 * worktree would not see each other. These commands belong into the commit that tells the name.
 */
export async function renameRepository(call: Call, before: Located | undefined, after: Located): Promise<Command[]> {
  const { gitdir, repo } = after
  if (gitdir === undefined || repo === undefined) return []
  const others = (await neighbours(call, after.machine)).filter(
    other =>
      other.gitdir === gitdir &&
      other.repo !== repo &&
      other.id !== after.id &&
      // Where a repository lies, and what it is called, a caller says for its own sessions and no others.
      other.grantor === call.caller.grantor,
  )
  const renamed = before?.gitdir === gitdir && before.repo !== repo ? [before, ...others] : others
  return [
    ...others.flatMap((other): Command[] => [
      { kind: 'updateSession', id: other.id, patch: { repo } },
      followCommand({ ...other, repo }),
    ]),
    ...claimMoves(renamed, repo),
  ]
}

/** A local name is of this repository alone, so all of its claims move; a remote's may be of other clones, too. */
function claimMoves(renamed: readonly Located[], to: string): Command[] {
  const moves = new Map<string, Command>()
  for (const { id, repo: from } of renamed) {
    if (from === undefined) continue
    const isWhole = isLocalRepo(from)
    moves.set(isWhole ? from : `${from} ${id}`, { kind: 'moveClaims', from, to, ...(isWhole ? {} : { sessionId: id }) })
  }
  return [...moves.values()]
}

/** After that commit: sessions that were renamed filter by other channels now, and a holder must know what it has lost. */
export async function announceRename(
  call: Call,
  commands: readonly Command[],
  results: readonly unknown[],
): Promise<void> {
  const lost = commands.flatMap((command, i): readonly Claim[] => {
    if (command.kind === 'updateSession') call.bus.presence.changed(command.id)
    return command.kind === 'moveClaims' ? (results[i] as Commands['moveClaims']['gives']).lost : []
  })
  if (lost.length === 0) return
  const notices = lost.map(claim => ({
    kind: 'append' as const,
    event: noticeTo(
      claim.sessionId,
      say`Your claim on ${claim.path} has ended: its repository is ${claim.area} now, where another session had claimed it before.`,
    ),
  }))
  await call.commit(notices)
}
