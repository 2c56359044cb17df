/** Whether a shell line may name git, however it is quoted: a quick look before the line is read. */
export function mayNameGit(line: string): boolean {
  return line.includes("$'") || /g['"\\\n]*i['"\\\n]*t/.test(line)
}
