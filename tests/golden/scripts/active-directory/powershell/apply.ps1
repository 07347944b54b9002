# The changes of the plan sha256:2ad939281220b781e4fbd5c1c7618c2161ea6fbc6b2da6507ffb526c98cc92c9
#
#   .\apply.ps1 -Server DC1 [-Credential (Get-Credential)] [-GlobalCatalog DC1:3268] [-Only c1,c2.3] [-WhatIf]
#   .\apply.ps1 -Server DC1 -Exchange [-Only c1,c2.3] [-WhatIf]
#
# First it reads every entry and compares the values at stake: where an entry is missing, a value to take away is not there
# as it is spelt, or somebody else holds an address, it stops before anything is written. A value to give that is there in
# any case is "already" and is left alone. Each entry is one request. It asks before each (-Confirm:$false asks nothing),
# and stops at the first failure. What it does, and the values as they were, goes to apply.log beside it.
#
#   -Server         the domain controller that is read and written
#   -Credential     another account than the one that runs this
#   -GlobalCatalog  where the whole forest is asked for other holders, since LDAP does not promise to look (Q303028)
#   -Exchange       by Set-Mailbox, in the shell of Exchange 2010 or later; this script looks for no other holders then,
#                   and that Set-Mailbox does is an inference: run it first without -Exchange, with -WhatIf. Without
#                   -Exchange it writes by Set-ADObject of the Active Directory module. Whether later versions of Exchange
#                   warn of the type MS is not known: a warning is shown and stops nothing
#   -Only           some changes, or some values of them, by their numbers
#   -Allow          a hazard of the plan that may be taken, by its name; several are parted by commas
#   -WhatIf         only look, and say what would be done
#
# Whether an address policy writes to an entry is reported and never changed: it is somebody's decision (Q318072).
#
# Exit codes: 0 done, or looked and nothing is in the way; 1 failed, nothing was written; 2 wrong usage; 4 a hazard is not
# allowed, nothing was written; 5 the directory is not as the plan expects, nothing was written; 6 stopped after something
# was written, or may be; 7 cannot connect.
#Requires -Version 3.0
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param(
    [Parameter(Mandatory = $true)]
    [ValidatePattern('\A[A-Za-z0-9.-]+(:[0-9]+)?\z')]
    [string] $Server,
    [pscredential] $Credential = $null,
    [string] $GlobalCatalog = '',
    [switch] $Exchange,
    [string[]] $Allow = @(),
    [string[]] $Only = @()
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# --- What the plan says ----------------------------------------------------------------------------------------------

$Plan = {

    Use-Entry 'c1' 'cn=Postmaster,OU=Recipients,DC=fabrikam,DC=com'
    Add-Reason 'Add 3 postmaster addresses to the mailbox cn=Postmaster,OU=Recipients,DC=fabrikam,DC=com: it already holds 2 postmaster addresses, the most of all mailboxes wit'
    Add-More 'h room.'
    Add-Value 'c1.1' 'proxyAddresses' 'ms:NWTRADERS/LAB/POSTMASTER'
    Add-Value 'c1.2' 'proxyAddresses' 'ms:NWTRADERS/PO1/POSTMASTER'
    Add-Value 'c1.3' 'proxyAddresses' 'ms:WINGTIP/DEPOT/POSTMASTER'
}

# --- How it is said --------------------------------------------------------------------------------------------------

$Entries = New-Object System.Collections.ArrayList
$Begun = ''
$Written = New-Object System.Collections.ArrayList
$LogFile = Join-Path $PSScriptRoot 'apply.log'

function Use-Entry([string] $Id, [string] $Name) {
    $values = New-Object System.Collections.ArrayList
    [void] $Entries.Add([pscustomobject] @{ Id = $Id; Name = $Name; Reason = ''; Values = $values; Found = $null })
    $script:Begun = 'name'
}

function Add-Reason([string] $Text) {
    $Entries[$Entries.Count - 1].Reason = $Text
    $script:Begun = 'reason'
}

function Add-Value([string] $Id, [string] $Attribute, [string] $Text) {
    Add-Change $Id 'Add' $Attribute $Text
}

function Remove-Value([string] $Id, [string] $Attribute, [string] $Text) {
    Add-Change $Id 'Remove' $Attribute $Text
}

function Add-Change([string] $Id, [string] $Op, [string] $Attribute, [string] $Text) {
    $value = [pscustomobject] @{ Id = $Id; Op = $Op; Attribute = $Attribute; Text = $Text; State = '' }
    [void] $Entries[$Entries.Count - 1].Values.Add($value)
    $script:Begun = 'value'
}

# The text that was begun goes on.
function Add-More([string] $Text) {
    $entry = $Entries[$Entries.Count - 1]
    switch ($Begun) {
        'name' { $entry.Name += $Text }
        'reason' { $entry.Reason += $Text }
        'value' { $entry.Values[$entry.Values.Count - 1].Text += $Text }
    }
}

# --- The directory ---------------------------------------------------------------------------------------------------

$Common = @{ Server = $Server }
if ($Credential) { $Common['Credential'] = $Credential }
if (-not $GlobalCatalog) { $GlobalCatalog = ($Server -replace ':.*', '') + ':3268' }

function Open-Directory {
    if ($Exchange -and $Credential) { Stop-Script 2 '-Credential is not for -Exchange: its shell has an account already.' }
    if ($Exchange -and -not (Get-Command Set-Mailbox -ErrorAction SilentlyContinue)) {
        Stop-Script 2 'There is no Set-Mailbox here. Run this in the shell of Exchange 2010 or later, or without -Exchange.'
    }
    if (-not $Exchange) { Import-Module ActiveDirectory }
}

function Get-Entry([string] $Name) {
    if ($Exchange) { return Get-Mailbox -Identity $Name -DomainController $Server -ErrorAction Stop }
    return Get-ADObject -Identity $Name -Properties * -ErrorAction Stop @Common
}

function Get-Values($Found, [string] $Attribute) {
    if ($Exchange) { return @($Found.EmailAddresses | ForEach-Object { [string] $_ }) }
    if (@($Found.PropertyNames) -notcontains $Attribute) { return @() }
    return @($Found[$Attribute] | ForEach-Object { [string] $_ })
}

# One request an entry, never -Replace: Set-Mailbox with a plain list would replace all addresses, @{ Add } adds.
function Set-Values($Entry, [hashtable] $Add, [hashtable] $Remove) {
    if ($Exchange) {
        $addresses = @{}
        if ($Add.Count) { $addresses['Add'] = $Add['proxyAddresses'] }
        if ($Remove.Count) { $addresses['Remove'] = $Remove['proxyAddresses'] }
        Set-Mailbox -Identity $Entry.Name -EmailAddresses $addresses -DomainController $Server -Confirm:$false -ErrorAction Stop
        return
    }
    $request = @{ Identity = $Entry.Name; Confirm = $false; ErrorAction = 'Stop' }
    if ($Add.Count) { $request['Add'] = $Add }
    if ($Remove.Count) { $request['Remove'] = $Remove }
    Set-ADObject @request @Common
}

# Who else in the forest holds an address, as one of its own or as its target (the two that the plan looks at).
function Get-Holder([string] $Text, [string] $Name) {
    $escaped = [regex]::Replace($Text, '[\\*()\x00]', { param($found) '\{0:x2}' -f [int] [char] $found.Value })
    $filter = '(|({0}={2})({1}={2}))' -f 'proxyAddresses', 'targetAddress', $escaped
    $catalog = @{} + $Common
    $catalog['Server'] = $GlobalCatalog
    $catalog['SearchBase'] = ''  # every partition that the catalogue has; without it only its own domain (Get-ADObject)
    return @(Get-ADObject -LDAPFilter $filter -ErrorAction Stop @catalog | ForEach-Object { [string] $_.DistinguishedName } |
            Where-Object { -not [string]::Equals($_, $Name, [StringComparison]::OrdinalIgnoreCase) })
}

# Says that a policy may write to an entry: EmailAddressPolicyEnabled, or no such GUID in msExchPoliciesExcluded (Q318072).
function Show-Policy($Entry) {
    if ($Exchange) {
        $policy = [bool] $Entry.Found.EmailAddressPolicyEnabled
    } else {
        $excluded = @(Get-Values $Entry.Found 'msExchPoliciesExcluded') -join ' '
        $policy = $excluded.ToUpperInvariant().IndexOf('{26491CFC-9E50-4857-861B-0CB8DF22B5D7}') -lt 0
    }
    if ($policy) { Write-Line "  policy    $($Entry.Id) an address policy may write to this mailbox (Q318072)" }
}

# What a failure means. The numbers are Win32's.
function Get-Meaning($Failure) {
    $exception = $Failure.Exception
    $code = 0
    if ($exception.PSObject.Properties['ErrorCode']) { $code = [int] $exception.ErrorCode }
    $kind = $exception.GetType().Name
    if ($code -eq 8205) { return 'a value is there already, and not all of them are' }
    if ($code -eq 8202) { return 'a value to take away is not there' }
    if ($code -eq 8228) { return 'administrative limit exceeded: too many values on one entry (Q146345; AD holds 800 to 1,200)' }
    if ($code -eq 8239) { return 'a value breaks a constraint' }
    if ($code -eq 5 -or $kind -eq 'UnauthorizedAccessException') { return 'access denied: this account may not write here' }
    if ($kind -eq 'ADIdentityNotFoundException') { return 'there is no such entry, or this account may not see it' }
    return (Format-Text ([string] $exception.Message))
}

# Whether the server said no; after anything else nobody knows what it did.
function Test-Refused($Failure) {
    $exception = $Failure.Exception
    if ($exception.PSObject.Properties['ErrorCode'] -and @(5, 8202, 8205, 8228, 8239) -contains $exception.ErrorCode) { return $true }
    return @('ADIdentityNotFoundException', 'UnauthorizedAccessException') -contains $exception.GetType().Name
}

function Test-Unreachable($Failure) {
    return @('ADServerDownException', 'AuthenticationException') -contains $Failure.Exception.GetType().Name
}

# --- First look, then write ------------------------------------------------------------------------------------------

# A text in which nothing can move the cursor of a console or break a line: all but plain ASCII as \uNNNN.
function Format-Text([string] $Text) {
    return [regex]::Replace($Text, '[^ -~]|\\(?=[uU])', { param($found) '\u{0:x4}' -f [int] [char] $found.Value })
}

function Write-Log([string] $Text) {
    Add-Content -LiteralPath $LogFile -Value $Text -Encoding UTF8 -WhatIf:$false -Confirm:$false
}

function Write-Line([string] $Text) {
    Write-Host $Text
    Write-Log $Text
}

function Stop-Script([int] $Code, [string] $Text) {
    Write-Line $Text
    exit $Code
}

# In any case for one to be given, since a directory takes two cases for one value; in its very spelling for one to be taken
# away.
function Test-Held([string[]] $Held, [string] $Text, [bool] $Exactly) {
    foreach ($item in $Held) {
        if ($Exactly -and [string]::Equals($item, $Text, [StringComparison]::Ordinal)) { return $true }
        $one = ($item -replace ' +', ' ').Trim(' ')
        $two = ($Text -replace ' +', ' ').Trim(' ')
        if (-not $Exactly -and [string]::Equals($one, $two, [StringComparison]::OrdinalIgnoreCase)) { return $true }
    }
    return $false
}

# Leaves out what -Only does not name.
function Select-Values {
    $known = @()
    foreach ($entry in $Entries) {
        $known += @($entry.Id) + @($entry.Values | ForEach-Object { $_.Id })
        foreach ($value in $entry.Values) {
            $named = -not $Only.Count -or $Only -contains $entry.Id -or $Only -contains $value.Id
            $value.State = if ($named) { 'wanted' } else { 'left out' }
        }
    }
    foreach ($name in $Only) {
        if ($known -notcontains $name) { Stop-Script 2 "There is no $(Format-Text $name) in this script." }
    }
}

function Get-Wanted($Entry) {
    return @($Entry.Values | Where-Object { $_.State -eq 'wanted' })
}

# Reads an entry and compares the values at stake; gives how much is not as the plan expects.
function Compare-Entry($Entry, [bool] $Loud) {
    $wrong = 0
    try {
        $Entry.Found = Get-Entry $Entry.Name
    } catch {
        if (-not $Written.Count -and (Test-Unreachable $_)) { Stop-Script 7 "Nothing was written: $(Get-Meaning $_)" }
        Write-Line "  failed    $($Entry.Id) $(Get-Meaning $_)"
        return 1
    }
    if ($Loud) { Write-Image $Entry }
    foreach ($value in @(Get-Wanted $Entry)) {
        $held = @(Get-Values $Entry.Found $value.Attribute)
        $text = "$($value.Id) $($value.Attribute): $(Format-Text $value.Text)"
        if ($value.Op -eq 'Add' -and (Test-Held $held $value.Text $false)) {
            $value.State = 'already'
            Write-Line "  already   $text"
        } elseif ($value.Op -eq 'Remove' -and -not (Test-Held $held $value.Text $true)) {
            Write-Line "  not there $text"
            $wrong += 1
        } elseif ($Loud) {
            Write-Line "  to $($value.Op.ToLowerInvariant().PadRight(7)) $text"
            $wrong += Find-Holder $Entry $value
        }
    }
    return $wrong
}

# Counts who else holds an address that is to be given.
function Find-Holder($Entry, $Value) {
    if ($Exchange -or $Value.Op -ne 'Add') { return 0 }
    try {
        $others = @(Get-Holder $Value.Text ([string] $Entry.Found.DistinguishedName))
    } catch {
        Stop-Script 7 "Nothing was written: name a global catalogue with -GlobalCatalog. $(Get-Meaning $_)"
    }
    foreach ($other in $others) { Write-Line "  held      $($Value.Id) by $(Format-Text $other)" }
    return $others.Count
}

# The values as they were, for the log: JSON, with every character that is not plain ASCII as \uNNNN.
function Write-Image($Entry) {
    foreach ($attribute in @($Entry.Values | ForEach-Object { $_.Attribute } | Select-Object -Unique)) {
        $image = [ordered] @{ before = $Entry.Id; dn = $Entry.Name; attribute = $attribute }
        $image['values'] = @(Get-Values $Entry.Found $attribute)
        $text = ConvertTo-Json -Compress -InputObject $image
        Write-Log ([regex]::Replace($text, '[^ -~]', { param($found) '\u{0:x4}' -f [int] [char] $found.Value }))
    }
}

# Looks again, so that nothing that changed since is written over; then sends one request, and reads the entry back.
function Update-Entry($Entry) {
    if (Compare-Entry $Entry $false) { Stop-Half $Entry 'the entry is not as it was a moment ago' }
    $left = @(Get-Wanted $Entry)
    if (-not $left.Count) { return }
    $add = @{}
    $remove = @{}
    foreach ($value in $left) {
        $part = if ($value.Op -eq 'Add') { $add } else { $remove }
        $part[$value.Attribute] = [string[]] (@($part[$value.Attribute] | Where-Object { $_ }) + @($value.Text))
    }
    Write-Log "send $($Entry.Id)"
    try {
        Set-Values $Entry $add $remove
    } catch {
        if (-not (Test-Refused $_)) { Stop-Doubt $Entry (Get-Meaning $_) }
        Stop-Half $Entry (Get-Meaning $_)
    }
    [void] $Written.Add($Entry.Id)
    Confirm-Entry $Entry $left
}

# An address that was given must be there, in whatever case the server keeps it, and one that was taken away must not. All
# that the server took is ours to take back, but for what it does not show.
function Confirm-Entry($Entry, $Left) {
    foreach ($value in $Left) { $value.State = 'done' }
    try {
        $Entry.Found = Get-Entry $Entry.Name
    } catch {
        Stop-Half $Entry (Get-Meaning $_)
    }
    foreach ($value in $Left) {
        $held = @(Get-Values $Entry.Found $value.Attribute)
        if ((Test-Held $held $value.Text ($value.Op -eq 'Remove')) -ne ($value.Op -eq 'Add')) { $value.State = 'not shown' }
        Write-Line "  $($value.State.PadRight(9)) $($value.Id) $($value.Attribute): $(Format-Text $value.Text)"
    }
    $lost = @($Left | Where-Object { $_.State -eq 'not shown' } | ForEach-Object { $_.Id })
    if ($lost.Count) { Stop-Half $Entry "the server took $($lost -join ' ') and does not show it" }
}

function Stop-Half($Entry, [string] $Why) {
    Write-Line "  failed    $($Entry.Id) $Why"
    if (-not $Written.Count) { Stop-Script 1 'Nothing was written.' }
    Show-WayBack
    Stop-Script 6 "Stopped. Written so far: $($Written -join ' '). Mend the cause and run this again, or go back."
}

function Stop-Doubt($Entry, [string] $Why) {
    Write-Line "  failed    $($Entry.Id) $Why"
    Write-Line "In doubt: $($Entry.Id) was sent, and may be written. Run this with -WhatIf to see."
    Show-WayBack
    if (-not $Written.Count) { Stop-Script 6 'Stopped. Nothing else was written.' }
    Stop-Script 6 "Stopped. Written for certain: $($Written -join ' ') and nothing else."
}

function Show-WayBack {
    $every = @($Entries | ForEach-Object { $_.Values })
    $done = @($every | Where-Object { $_.State -eq 'done' } | ForEach-Object { $_.Id })
    if (-not $done.Count) { return }
    if ($done.Count -eq $every.Count) { Write-Line 'The way back from this run: undo.ps1 -All' }
    else { Write-Line "The way back from this run: undo.ps1 -Only $($done -join ',')" }
}

. $Plan
Write-Log "--- $(Get-Date -Format s) plan sha256:2ad939281220b781e4fbd5c1c7618c2161ea6fbc6b2da6507ffb526c98cc92c9, server $Server"
$Only = @($Only | ForEach-Object { $_ -split ',' } | Where-Object { $_ })  # from outside they come as one word
Select-Values
Open-Directory
$chosen = @($Entries | Where-Object { @(Get-Wanted $_).Count })
$odd = @($chosen | ForEach-Object { $_.Values } | Where-Object { $_.Attribute -ne 'proxyAddresses' })
if ($Exchange -and $odd.Count) { Stop-Script 2 'Set-Mailbox writes addresses, and this plan changes more. Leave -Exchange out.' }
$wrong = 0
foreach ($entry in $chosen) {
    Write-Line "$($entry.Id) $(Format-Text $entry.Name): $($entry.Reason)"
    $wrong += Compare-Entry $entry $true
    if ($entry.Found) { Show-Policy $entry }
}
if ($wrong) { Stop-Script 5 'Nothing was written: the directory is not as the plan expects. Plan again.' }
foreach ($entry in $chosen) {
    $count = @(Get-Wanted $entry).Count
    if ($count -and $PSCmdlet.ShouldProcess((Format-Text $entry.Name), "write $count addresses of $($entry.Id)")) {
        Update-Entry $entry
    }
}
if ($WhatIfPreference) { Stop-Script 0 'Nothing was written, and nothing is in the way.' }
if (-not $Written.Count) { Stop-Script 0 'Nothing was written: there was nothing left to do, or it was declined.' }
Show-WayBack
Stop-Script 0 'Done, as far as nothing was declined. Check the whole with `remedy verify`.'
