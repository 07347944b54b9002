@echo off
rem The way back of a plan of remedy, carried out by ldifde. Plan sha256:
rem 4b6cdf224ff0ab79a60cf3ba2efd37b3ddbd8da5597baf92a628845e9bf43828
rem
rem   undo.cmd SERVER [/port:389] [/apply] [/all]
rem
rem Active Directory: SERVER is a domain controller of the domain that holds the entries. Whoever is logged on runs it.
rem Holders of the addresses are looked for in that domain; remedy apply looks in the whole forest.
rem
rem Without /apply nothing is changed: the entries are looked at, and what they hold is kept in undo-check.
rem With /apply that is done first, into undo-log, and then undo.ldf is imported.
rem It takes back what apply.cmd imported from this folder (apply-log), or with /all what the plan gives, whoever gave it.
rem
rem - The option -k is never used: it goes on after errors, and no source says that it takes a value that is there
rem   already for one. ldifde stops at the first record that fails; those before it are done. Plan again then.
rem - A failure shows in the exit code or in ldif.err, whose text names the first line of the record (Q271886).
rem - The addresses are secondary proxies of a mailbox, so that mail to each POSTMASTER ends there (Q175447).
rem Exit codes: 0 done, 1 failed and nothing was changed, 2 wrong usage, 4 refused, 5 not the place that the plan is for,
rem 6 stopped when the import had begun: some of it may be done. Needs Windows 2000 or later. Run it from cmd.exe.
setlocal EnableExtensions DisableDelayedExpansion
pushd "%~dp0"
if not exist undo.check (echo undo.check is not beside this file. & exit /b 1)
set "SERVER="
set "ADMIN="
set "APPLY="
set "LOOKED="
set "ALL="
set "PORT=389"
set "CODE=2"
set /a N=0
:next
set "WORD=%~1"
if not defined WORD goto ready
shift
if /i "%WORD%"=="/apply" (set "APPLY=yes" & goto next)
if /i "%WORD%"=="/looked" (set "LOOKED=yes" & goto next)
if /i "%WORD%"=="/all" (set "ALL=yes" & goto next)
if /i "%WORD:~0,6%"=="/port:" (set "PORT=%WORD:~6%" & goto next)
if "%WORD:~0,1%"=="/" goto usage
if not defined SERVER (set "SERVER=%WORD%" & goto next)
if not defined ADMIN (set "ADMIN=%WORD%" & goto next)
goto usage
:ready
if not defined SERVER goto usage
if defined ADMIN goto usage

rem A run that changes something keeps its log and its before-image: it is never written over.
set "LOG=undo-check"
if defined APPLY set "LOG=undo-log"
set "CODE=4"
if defined APPLY if exist "%LOG%\" goto before
rem What apply.cmd did not begin to import is somebody else's, and is left alone unless /all is given.
if not defined APPLY goto told
if defined ALL goto told
if not exist apply-log\begun.txt goto alone
findstr /l /c:"4b6cdf224ff0ab79a60cf3ba2efd37b3ddbd8da5597baf92a628845e9bf43828" apply-log\begun.txt >nul
if errorlevel 1 goto alone
:told
set "CODE=1"
if exist "%LOG%\" rmdir /s /q "%LOG%"
mkdir "%LOG%"
if errorlevel 1 goto end
call :say "undo.cmd begins; plan sha256 4b6cdf224ff0ab79a60cf3ba2efd37b3ddbd8da5597baf92a628845e9bf43828"

rem 1. Is this the right place? Entries that change are there, new ones are not, and nobody holds what is added.
for /f "tokens=1*" %%a in (undo.check) do (
  set "DN=%%b"
  call :look %%a
  if errorlevel 5 goto wrong
  if errorlevel 1 goto unread
)
if not defined APPLY goto dry

rem 2. The change: one request a record, in order, until one fails.
if exist "%LOG%\ldif.err" del "%LOG%\ldif.err"
ldifde -i -f undo.ldf -s "%SERVER%" -t "%PORT%" -v -j "%LOG%"
if not "%ERRORLEVEL%"=="0" goto failed
for %%f in ("%LOG%\ldif.err") do if exist %%f if not "%%~zf"=="0" goto failed
call :say "Done: every record of undo.ldf was carried out. Next: remedy verify."
set "CODE=0"
goto end

:look
set /a N+=1
if "%1"=="below" goto holders
set "FILE=%LOG%\before.%N%.ldf"
ldifde -f "%FILE%" -s "%SERVER%" -t "%PORT%" -d "%DN%" -p base -r "(objectClass=*)" -l proxyAddresses -j "%LOG%"
set "FOUND=no"
if exist "%FILE%" findstr /b /i /c:"dn:" "%FILE%" >nul
if exist "%FILE%" if not errorlevel 1 set "FOUND=yes"
echo %1: "%DN%" found: %FOUND%
if "%1%FOUND%"=="existsyes" exit /b 0
if "%1%FOUND%"=="absentno" exit /b 0
exit /b 5

:usage
echo Usage: undo.cmd SERVER [/port:N] [/apply] [/all]
goto end

:dry
call :say "Nothing was changed. What the entries hold is in the folder %LOG%; add /apply to carry the changes out."
set "CODE=0"
goto end

:wrong
call :say "Stopped, and nothing was changed: this is not as the plan says. Look at the entries, and go back by hand."
set "CODE=5"
goto end

:unread
call :say "Stopped, and nothing was changed: the directory could not be searched."
set "CODE=1"
goto end

:failed
call :say "FAILED. ldif.err in the folder %LOG% names the record; those before it are done. Nothing after it was tried."
call :say "If the connection broke, the record itself may be done too: look at its entry."
call :say "To go on, look at the entry of that record, and take it and the records that are done out of undo.ldf."
if exist "%LOG%\ldif.err" type "%LOG%\ldif.err"
set "CODE=6"
goto end

:before
echo This was run before: the folder %LOG% holds its log. Read it; move it away only if nothing was changed then,
echo or if it is the log of another plan, and keep it: it holds what the entries were before.
goto end

:alone
echo Nothing was changed: apply.cmd has not imported this plan from this folder. To take back what others gave, add /all.
goto end

:end
popd
exit /b %CODE%

:say
echo %~1
>>"%LOG%\log.txt" echo %DATE% %TIME% %~1
goto :eof
