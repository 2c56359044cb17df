# PowerShell completion for switchboard and swb.

Register-ArgumentCompleter -Native -CommandName switchboard, swb -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    # Asked as typed, without quotes and without evaluation: pressing a key must not run what stands in the line.
    $words = @($commandAst.CommandElements |
        Select-Object -Skip 1 |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object {
            $isText = $_ -is [System.Management.Automation.Language.StringConstantExpressionAst] -or
                $_ -is [System.Management.Automation.Language.ExpandableStringExpressionAst]
            if ($isText) { $_.Value } else { $_.Extent.Text }
        })
    if ("$wordToComplete" -eq '') {
        # Windows PowerShell, and newer ones in its manner, pass on no empty argument.
        $isLegacy = $PSVersionTable.PSVersion -lt [version]'7.3' -or $PSNativeCommandArgumentPassing -eq 'Legacy'
        $words += if ($isLegacy) { '""' } else { '' }
    }
    [Console]::OutputEncoding = [System.Text.Encoding]::UTF8
    $program = $commandAst.GetCommandName()
    if (-not (Get-Command -CommandType Application -Name $program -ErrorAction Ignore)) { $program = 'switchboard' }
    $option = if ("$($words[-1])" -match '^--[^=]*=') { $Matches[0] } else { '' }
    & $program complete '--' @words 2>$null | ForEach-Object {
        $value, $about = $_ -split "`t", 2
        # The last line is for other shells.
        if ($null -eq $about) { return }
        $inserted = "$option$value"
        # The whole word is replaced, its quotes too. In single quotes nothing is evaluated, and each of the five
        # characters that PowerShell takes for one is written twice.
        if ($inserted -notmatch '^[\w./:=+-]+$') {
            $inserted = "'" + ($inserted -replace "['\u2018\u2019\u201a\u201b]", '$0$0') + "'"
        }
        if ("$about" -eq '') { $about = $value }
        [System.Management.Automation.CompletionResult]::new($inserted, $value, 'ParameterValue', $about)
    }
}
