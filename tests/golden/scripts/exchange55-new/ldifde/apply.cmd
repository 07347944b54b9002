@echo off
rem The changes of a plan of remedy, carried out by ldifde. Plan sha256:
rem 63fca5f9793a6b972a21522e5b03050e4863180d1944f8110f0a58728c873d43
rem
rem   apply.cmd SERVER "cn=USER,dc=DOMAIN,cn=admin" [/port:389] [/apply] [/allow NAME]...
rem
rem Exchange 5.5: the port is 389 unless the server was set to another. The second word is the name of a simple bind;
rem with cn=admin at its end hidden entries show too (Q185475). Each run of ldifde asks for its password, which so
rem stands in no file and in no list of processes. No source says that ldifde works with Exchange 5.5: it is UNTESTED
rem there. Fall back on ldapmodify or on the VBScript.
rem
rem Hazards of the plan, which hazards.txt puts in words, each to be allowed with /allow:
rem   creates-mailbox
rem   dirsync-wipe
rem
rem Without /apply nothing is changed: the entries are looked at, and what they hold is kept in apply-check.
rem With /apply that is done first, into apply-log, and then change.ldf is imported.
rem
rem - The option -k is never used: it goes on after errors, and no source says that it takes a value that is there
rem   already for one. ldifde stops at the first record that fails; those before it are done. Plan again then.
rem - A failure shows in the exit code or in ldif.err, whose text names the first line of the record (Q271886).
rem - The addresses are secondary proxies of a mailbox, so that mail to each POSTMASTER ends there (Q175447).
rem Exit codes: 0 done, 1 failed and nothing was changed, 2 wrong usage, 4 refused, 5 not the place that the plan is for,
rem 6 stopped when the import had begun: some of it may be done. Needs Windows 2000 or later. Run it from cmd.exe.
setlocal EnableExtensions DisableDelayedExpansion
pushd "%~dp0"
if not exist apply.check (echo apply.check is not beside this file. & exit /b 1)
set "SERVER="
set "ADMIN="
set "APPLY="
set "LOOKED="
set "HAZARD1="
set "HAZARD2="
set "PORT=389"
set "CODE=2"
set /a N=0
:next
set "WORD=%~1"
if not defined WORD goto ready
shift
if /i "%WORD%"=="/apply" (set "APPLY=yes" & goto next)
if /i "%WORD%"=="/looked" (set "LOOKED=yes" & goto next)
if /i "%WORD%"=="/allow" goto allow
if /i "%WORD:~0,6%"=="/port:" (set "PORT=%WORD:~6%" & goto next)
if "%WORD:~0,1%"=="/" goto usage
if not defined SERVER (set "SERVER=%WORD%" & goto next)
if not defined ADMIN (set "ADMIN=%WORD%" & goto next)
goto usage
:allow
if "%~1"=="" goto usage
if /i "%~1"=="creates-mailbox" set "HAZARD1=yes"
if /i "%~1"=="dirsync-wipe" set "HAZARD2=yes"
shift
goto next
:ready
if not defined SERVER goto usage
if not defined ADMIN goto usage

rem A run that changes something keeps its log and its before-image: it is never written over.
set "LOG=apply-check"
if defined APPLY set "LOG=apply-log"
set "CODE=4"
if defined APPLY if exist "%LOG%\" goto before
rem Nothing is written unless each hazard of the plan is allowed by its name.
set "MISSING="
if not defined HAZARD1 set "MISSING=%MISSING% /allow creates-mailbox"
if not defined HAZARD2 set "MISSING=%MISSING% /allow dirsync-wipe"
if defined APPLY if defined MISSING goto unallowed
set "CODE=1"
if exist "%LOG%\" rmdir /s /q "%LOG%"
mkdir "%LOG%"
if errorlevel 1 goto end
call :say "apply.cmd begins; plan sha256 63fca5f9793a6b972a21522e5b03050e4863180d1944f8110f0a58728c873d43"

rem 1. Is this the right place? Entries that change are there, new ones are not, and nobody holds what is added.
for /f "tokens=1*" %%a in (apply.check) do (
  set "DN=%%b"
  call :look %%a
  if errorlevel 5 goto wrong
  if errorlevel 1 goto unread
)
if not defined APPLY goto dry

rem 2. The change: one request a record, in order, until one fails.
>"%LOG%\begun.txt" echo 63fca5f9793a6b972a21522e5b03050e4863180d1944f8110f0a58728c873d43
if not exist "%LOG%\begun.txt" goto end
if exist "%LOG%\ldif.err" del "%LOG%\ldif.err"
ldifde -i -f change.ldf -s "%SERVER%" -t "%PORT%" -v -j "%LOG%" -a "%ADMIN%" *
if not "%ERRORLEVEL%"=="0" goto failed
for %%f in ("%LOG%\ldif.err") do if exist %%f if not "%%~zf"=="0" goto failed
call :say "Done: every record of change.ldf was carried out. Next: remedy verify."
set "CODE=0"
goto end

:look
set /a N+=1
if "%1"=="below" goto holders
set "FILE=%LOG%\before.%N%.ldf"
ldifde -f "%FILE%" -s "%SERVER%" -t "%PORT%" -d "%DN%" -p base -r "(objectClass=*)" -l cn,sn,uid,mailPreferenceOption,MAPI-Recipient,MDB-Use-Defaults,Home-MDB,Home-MTA,mail,textEncodedORAddress,otherMailbox,Admin-Description -j "%LOG%" -a "%ADMIN%" *
set "FOUND=no"
if exist "%FILE%" findstr /b /i /c:"dn:" "%FILE%" >nul
if exist "%FILE%" if not errorlevel 1 set "FOUND=yes"
echo %1: "%DN%" found: %FOUND%
if "%1%FOUND%"=="existsyes" exit /b 0
if "%1%FOUND%"=="absentno" exit /b 0
exit /b 5

:holders
rem The search must end well and bring one entry at least, else it failed; then no line of it may be one that is added,
rem as an address of an entry or as its target: two holders make mail ambiguous (Q251152).
set "FILE=%LOG%\holders.%N%.ldf"
ldifde -f "%FILE%" -s "%SERVER%" -t "%PORT%" -d "%DN%" -p subtree -r "(|(otherMailbox=*)(Target-Address=*))" -l otherMailbox,Target-Address -j "%LOG%" -a "%ADMIN%" *
if not "%ERRORLEVEL%"=="0" exit /b 1
if not exist "%FILE%" exit /b 1
findstr /b /i /c:"dn:" "%FILE%" >nul
if errorlevel 1 exit /b 1
findstr /i /x /l /g:apply.addresses "%FILE%"
if errorlevel 2 exit /b 1
if errorlevel 1 exit /b 0
echo The addresses above are held already, below "%DN%".
exit /b 5

:usage
echo Usage: apply.cmd SERVER "cn=USER,dc=DOMAIN,cn=admin" [/port:N] [/apply] [/allow NAME]...
goto end

:dry
if defined MISSING call :say "The plan has hazards, see hazards.txt. Before anything is changed, each is to be allowed:%MISSING%"
call :say "Nothing was changed. What the entries hold is in the folder %LOG%; add /apply to carry the changes out."
set "CODE=0"
goto end

:wrong
call :say "Stopped, and nothing was changed: this is not as the plan says. Plan again from what is there now."
set "CODE=5"
goto end

:unread
call :say "Stopped, and nothing was changed: the directory could not be searched."
set "CODE=1"
goto end

:failed
call :say "FAILED. ldif.err in the folder %LOG% names the record; those before it are done. Nothing after it was tried."
call :say "If the connection broke, the record itself may be done too: look at its entry."
call :say "To go on, plan again. To go back, take the records that are not done out of undo.ldf, at which undo.cmd would stop."
if exist "%LOG%\ldif.err" type "%LOG%\ldif.err"
set "CODE=6"
goto end

:before
echo This was run before: the folder %LOG% holds its log. Read it; move it away only if nothing was changed then,
echo or if it is the log of another plan, and keep it: it holds what the entries were before.
goto end

:unallowed
echo Nothing was changed: the plan has hazards that nobody allowed; they are in hazards.txt. To go on:%MISSING%
goto end

:end
popd
exit /b %CODE%

:say
echo %~1
>>"%LOG%\log.txt" echo %DATE% %TIME% %~1
goto :eof
