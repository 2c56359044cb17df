export async function parentOf(_transcript: string, _id: string): Promise<string | undefined> {
  return undefined
}
