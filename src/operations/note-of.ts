import type { Claim } from '../bus/claim.ts'
import { quoted, type Said, say } from '../bus/say.ts'

/** What the holder of a claim says about it, as the holder's own words. */
export function noteOf({ note }: Claim): Said {
  return note === undefined || note === '' ? say('') : say` (${quoted(note)})`
}
