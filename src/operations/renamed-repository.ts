import type { Claim } from '../bus/claim.ts'
import { isLocalRepo } from '../bus/repo.ts'
import { say } from '../bus/say.ts'
import type { Session } from '../bus/session.ts'
import type { Command } from '../bus/store.ts'
import { followCommand } from './following.ts'
import { noticeTo } from './notices.ts'
import type { Call } from './operation.ts'
import { inPieces } from './pieces.ts'
import { neighbours } from './places.ts'

type Located = Pick<Session, 'id' | 'machine' | 'gitdir' | 'repo'>

/**
 * A repository is called by its remote, and that may be added or changed while sessions live in it. The first to tell
 * the new name takes the others in the same git folder along, with what they have claimed: otherwise two sessions in one
 * worktree would not see each other. It is done before the name is told: the claims, then the sessions one by one, each
 * in a commit of its own. Where that breaks off, the next to tell the name finds those that are left.
 */
export async function renameRepository(call: Call, before: Located | undefined, after: Located): Promise<void> {
  const { gitdir, repo } = after
  if (gitdir === undefined || repo === undefined) return
  const others = (await neighbours(call, after.machine)).filter(
    other =>
      other.gitdir === gitdir &&
      other.repo !== repo &&
      other.id !== after.id &&
      // Where a repository lies, and what it is called, a caller says for its own sessions and no others.
      other.grantor === call.caller.grantor,
  )
  const renamed = before?.gitdir === gitdir && before.repo !== repo ? [before, ...others] : others
  for (const move of claimMoves(renamed, repo)) {
    for await (const { lost } of inPieces(call, move)) await tellHolders(call, lost)
  }
  for (const other of others) {
    await call.commit([{ kind: 'updateSession', id: other.id, patch: { repo } }, followCommand({ ...other, repo })])
    // It filters by other channels now.
    call.bus.presence.changed(other.id)
  }
}

type Move = Extract<Command, { kind: 'moveClaims' }>

/** A local name is of this repository alone, so all of its claims move; a remote's may be of other clones, too. */
function claimMoves(renamed: readonly Located[], to: string): Move[] {
  const moves = new Map<string, Move>()
  for (const { id, repo: area } of renamed) {
    if (area === undefined) continue
    const isWhole = isLocalRepo(area)
    moves.set(isWhole ? area : `${area} ${id}`, { kind: 'moveClaims', area, to, ...(isWhole ? {} : { sessionId: id }) })
  }
  return [...moves.values()]
}

/** A holder must know what it has lost. */
async function tellHolders(call: Call, lost: readonly Claim[]): Promise<void> {
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
