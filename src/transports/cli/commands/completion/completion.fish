# fish completion for switchboard and swb.

function __switchboard_complete
    # Asked as typed, without quotes and without evaluation: pressing a key must not run what stands in the line.
    set -l words (commandline -opc)
    set -l current (string replace -r -- '^["\']' '' (commandline -ct))
    set -l program $words[1]
    command -q -- $program; or set program switchboard
    # An option with its value is one word.
    set -l option (string match -r -- '^-[^=]*=' $current)
    for line in ($program complete -- $words[2..] "$current" 2>/dev/null)
        # The last line is for other shells. fish itself quotes the others, for the quote that is open.
        string match -q -- '*'\t'*' $line; and printf '%s%s\n' "$option" $line
    end
end

complete -c switchboard -f -a '(__switchboard_complete)'
complete -c swb -f -a '(__switchboard_complete)'
