import { sharedGitVerbs } from '../../src/bus/git-verbs.ts'

/** What a line is asked about, of a session that works in `/w/one`. */
export const verbsOf = (line: string) =>
  sharedGitVerbs(line, { cwd: '/w/one', home: '/home/me' }).map(({ verb }) => verb)
/** A row of a table: a line, and what it is asked about. */
export const asks = (line: string, ...verbs: string[]) => [line, verbs] as const
