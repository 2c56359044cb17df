import { expect, it } from 'vitest'
import { sharedGitVerbs } from '../../src/bus/git-verbs.ts'

it.each([
  ['git checkout x', '/w/one/src'],
  ['cd "$PWD/../../two"; git -C $PWD/. checkout x', '/w/two'],
  ['export GIT_WORK_TREE=/w/two; unset GIT_WORK_TREE; git reset', '/w/one/src'],
  ['declare -x A GIT_WORK_TREE=/w/two; git reset', '/w/two'],
  ['export A GIT_WORK_TREE=/w/two; git reset', '/w/two'],
  ['git -C /w/two checkout x', '/w/two'],
  ['git -C ../../two checkout x', '/w/two'],
  ['git -C /w -C two -c a=b stash', '/w/two'],
  ['git --work-tree=/w/two checkout x', '/w/two'],
  ['git --work-tree two -C /w checkout x', '/w/two'],
  ['git --git-dir /w/two/.git checkout x', '/w/two'],
  ['GIT_WORK_TREE=/w/two git reset --hard', '/w/two'],
  ['GIT_DIR=/w/two/.git sudo git reset', '/w/two'],
  ['export GIT_WORK_TREE=/w/two; git reset', '/w/two'],
  ['GIT_WORK_TREE=/w/two; git reset', '/w/one/src'],
  ['(export GIT_WORK_TREE=/w/two); git reset', '/w/one/src'],
  ['git worktree remove ../../two', '/w/two'],
  ['cd /w/two && git reset --hard', '/w/two'],
  ['cd /w; cd two/ && ls; git pull', '/w/two'],
  ['cd -P -- /w/two 2>/dev/null && git pull', '/w/two'],
  ['if cd /w/two; then git pull; fi', '/w/two'],
  ['cd /w/two\n\ngit pull', '/w/two'],
  ['cd /w/two && \\\ngit pull', '/w/two'],
  ['cd "/w/my two" && git pull', '/w/my two'],
  ['cd /w/my\\ two && git pull', '/w/my two'],
  ["cd '/w/$X' && git pull", '/w/$X'],
  ["cd '/w/t*' && git pull", '/w/t*'],
  ["cd $'/w/\\x74wo' && git pull", '/w/two'],
  ["cd '/w/~' && git pull", '/w/~'],
  ['cd .. && cd - && git pull', '/w/one/src'],
  ['(cd /w/two && npm test); git pull', '/w/one/src'],
  ['(cd /w/two && git pull)', '/w/two'],
  ['cd /w/two | git pull', '/w/one/src'],
  ['cd /w/two & git pull', '/w/one/src'],
  ['true | cd /w/two; git pull', '/w/one/src'],
  ['pushd /w/two >/dev/null && git pull', '/w/two'],
  ['pushd /w/two; popd; git pull', '/w/one/src'],
  ['cd && git pull', '/home/me'],
  ['cd ~/two && git pull', '/home/me/two'],
  ['cd ~; git pull', '/home/me'],
  ['git -C "$HOME/two" pull', '/home/me/two'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a shell's.
  ['git -C "${HOME}/two" pull', '/home/me/two'],
  ['X=$(cd /w/two && git log) git pull', '/w/one/src'],
  ['X=$(cd /w/two && git pull)', '/w/two'],
  ["eval 'cd /w/two' && git pull", '/w/two'],
  ["sh -c 'cd /w/two' && git pull", '/w/one/src'],
  ["sh -c 'cd /w/two && git pull'", '/w/two'],
  ['env -C /w/two git pull', '/w/two'],
  ['env --chdir=/w/two git pull', '/w/two'],
  ['sudo -D /w/two git pull', '/w/two'],
  ["cd /w/two && bash -c 'git pull'", '/w/two'],
  // Only the shell could tell.
  ['cd $X && git pull', undefined],
  ['cd "$DIR" && git pull', undefined],
  ['cd $X && cd sub && git pull', undefined],
  ['cd $X && cd /w/two && git pull', '/w/two'],
  ['cd "$(git rev-parse --show-toplevel)" && git pull', undefined],
  ['cd $(pwd)/x && git pull', undefined],
  ['git -C $(pwd)/x pull', undefined],
  ['git -C `pwd` pull', undefined],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a shell's.
  ['git -C ${DIR:-/w/two} pull', undefined],
  ['git --work-tree=$X pull', undefined],
  ['GIT_DIR=$X git pull', undefined],
  ['bash -c "cd $DIR && git pull"', undefined],
  ['cd ~other && git pull', undefined],
  ['cd t* && git pull', undefined],
  ['cd {a,b} && git pull', undefined],
  ['pushd && git pull', undefined],
  ['popd && git pull', undefined],
  [`cd ${'a/'.repeat(3_000)} && git pull`, undefined],
])('%j acts in %j', (line, folder) => {
  const found = sharedGitVerbs(line, { cwd: '/w/one/src', home: '/home/me' })
  expect(found.map(each => each.folder)).toEqual([folder])
})

it('knows the folder that it is in several times in a short line, however long its name is', () => {
  const cwd = `/w/${'a'.repeat(900)}`
  const line = '"$PWD" "$PWD"; git -C "$PWD" stash; git -C "$PWD/b" pull'
  expect(sharedGitVerbs(line, { cwd })).toEqual([
    { verb: 'git stash', folder: cwd },
    { verb: 'git pull', folder: `${cwd}/b` },
  ])
})
