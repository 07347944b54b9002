@echo off
rem The way back of a plan of remedy, imported by the Administrator program of Exchange 4.0 to 5.5.
rem Plan sha256:
rem 63fca5f9793a6b972a21522e5b03050e4863180d1944f8110f0a58728c873d43
rem
rem   undo.cmd SERVER [/apply] [/all]
rem
rem SERVER is an Exchange server of the site that holds the entries; admin.exe must be on the PATH (C:\exchsrvr\bin).
rem Run it as an account with Permissions Admin on the site (Q177938), from the cmd.exe of Windows 2000 or later.
rem
rem Hazards of the plan, which hazards.txt puts in words; the way back asks for no leave:
rem   creates-mailbox
rem   dirsync-wipe
rem
rem Without /apply nothing is changed: the container is exported to undo-check, and the entries are looked for in it.
rem With /apply that is done first, into undo-log, and then undo.csv is imported.
rem It takes back what apply.cmd imported from this folder (apply-log), or with /all what the plan gives, whoever gave it.
rem
rem undo.csv TAKES ADDRESSES AWAY, one a row. That needs the newer Dapi.dll: the hotfix for 5.0, or a service pack
rem of 5.5 (Q184536). CHECK the version of Dapi.dll beside admin.exe first. Nothing here can check it.
rem
rem What stands in undo.csv, and why:
rem - Obj-Class is the first column and Mode the second (Q184532). The last column is never empty: a program that drops
rem   empty cells at the end of a line would make the import fail (Q188649). Do not save the file from a spreadsheet.
rem - Secondary-Proxy-Addresses are the secondary addresses, several of one type (Q153028). Their type is in upper case
rem   here; the directory keeps it in lower case (Q155594, an inference). They are parted by the per cent sign (Q190706).
rem - 25 addresses a row at most. No address space or postoffice is changed; mail to each POSTMASTER ends in the mailbox
rem   that holds its address (Q175447).
rem - The file is in code page 1252 (Q183496). A blank cell leaves a property alone (Q152727).
rem What stands in import.ini, and why: the section must be called Import, else all of it is passed over (Q268485).
rem OverwriteProperties=No appends; Yes would replace every address there is (Q236983). The server is named by /d.
rem export.ini: BasepointOnly is Yes unless it is set (Q303250); HomeServer must be blank (Q303249).
rem
rem The exit code of admin.exe is not documented, so a failure is read from the .err or .e01 file beside the CSV file.
rem The import goes on behind a row that fails (an inference): rows that are not in that file may be done. Plan again
rem after a failure.
rem So the container is exported once more, and what was imported must show in it, or it is not proven.
rem Exit codes: 0 done, 1 failed and nothing was changed, 2 wrong usage, 4 refused, 5 not the place that the plan is for,
rem 6 some of it may be done: rows were refused, or it is not proven.
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
if not "%PORT%"=="389" goto usage

rem A run that changes something keeps its log and its before-image: it is never written over.
set "LOG=undo-check"
if defined APPLY set "LOG=undo-log"
set "CODE=4"
if defined APPLY if exist "%LOG%\" goto before
rem What apply.cmd did not begin to import is somebody else's, and is left alone unless /all is given.
if not defined APPLY goto told
if defined ALL goto told
if not exist apply-log\begun.txt goto alone
findstr /l /c:"63fca5f9793a6b972a21522e5b03050e4863180d1944f8110f0a58728c873d43" apply-log\begun.txt >nul
if errorlevel 1 goto alone
:told
set "CODE=1"
if exist "%LOG%\" rmdir /s /q "%LOG%"
mkdir "%LOG%"
if errorlevel 1 goto end
call :say "undo.cmd begins; plan sha256 63fca5f9793a6b972a21522e5b03050e4863180d1944f8110f0a58728c873d43"

rem 1. Is this the right place? The export looks below the site of the plan only, and is the before-image.
copy header.csv "%LOG%\before.csv" >nul
if errorlevel 1 goto end
admin /e %LOG%\before.csv /d %SERVER% /n /o export.ini
if exist "%LOG%\before.err" goto unread
if exist "%LOG%\before.e01" goto unread
findstr /b /i /l /c:"Mailbox," /c:"DL," /c:"Remote," "%LOG%\before.csv" >nul
if errorlevel 1 goto unread
for /f "tokens=1*" %%a in (undo.check) do (
  set "NAME=%%b"
  call :look %%a
  if errorlevel 1 goto wrong
)
if not defined APPLY goto dry

rem 2. The change. The file is copied, so that the .err file is written to the log and none of an earlier run is read.
copy undo.csv "%LOG%\undo.csv" >nul
if errorlevel 1 goto end
admin /i %LOG%\undo.csv /d %SERVER% /n /o import.ini
if exist "%LOG%\undo.err" goto failed
if exist "%LOG%\undo.e01" goto failed
copy header.csv "%LOG%\after.csv" >nul
admin /e %LOG%\after.csv /d %SERVER% /n /o export.ini
findstr /b /i /l /c:"Mailbox," /c:"DL," /c:"Remote," "%LOG%\after.csv" >nul
if errorlevel 1 goto unproven
findstr /i /l /g:undo.taken "%LOG%\after.csv" >nul
if errorlevel 2 goto unproven
if not errorlevel 1 goto unproven
call :say "Imported, and no row was refused. What is there now is in after.csv in the folder %LOG%. Next: remedy verify."
call :say "The mailbox that was made stays: delete it in the Administrator (Edit, Delete) or import it with Mode=Delete, Q284199."
set "CODE=0"
goto end

:look
set "FOUND=yes"
findstr /b /i /l /c:"%NAME%" "%LOG%\before.csv" >nul
if errorlevel 1 set "FOUND=no"
echo %1: "%NAME%" found: %FOUND%
if "%1%FOUND%"=="existsyes" exit /b 0
if "%1%FOUND%"=="absentno" exit /b 0
exit /b 5

:usage
echo Usage: undo.cmd SERVER [/apply] [/all]
goto end

:dry
call :say "Nothing was changed. What the entries hold is in the folder %LOG%; add /apply to import the changes."
set "CODE=0"
goto end

:wrong
call :say "Stopped, and nothing was changed: this is not as the plan says. Look at the entries, and go back by hand."
set "CODE=5"
goto end

:unread
call :say "Stopped, and nothing was changed: the export failed or found nothing below the site of the plan."
call :say "See the application log: source MSExchangeDSExp, 302 is nothing found, Q303249; 181 is no permission, Q177938."
set "CODE=1"
goto end

:unproven
call :say "NOT PROVEN. No row was refused, but after.csv in the folder %LOG% does not show all that was imported."
call :say "Look in the Administrator and the application log. A long list may stand in a file of its own, event 156, Q184532."
call :say "A Dapi.dll that is too old does not take addresses away, Q184536: look for addresses that begin with ~del."
set "CODE=6"
goto end

:failed
call :say "FAILED. The rows that were refused are in undo.err or undo.e01 in the folder %LOG%; the others may be done."
echo The application log says why, source MSExchangeDSImp:
echo   154       a column cannot be imported (Q264587)
echo   181       no permission on the server (Q177938)
echo   208, 209  the code page of the file (Q184532)
echo   219, 225  the column that identifies the object is missing (Q184532)
echo   222, 226  Mode is not the second column, or Obj-Class not the first (Q184532)
echo   232       the type of an address is longer than 8 characters (Q184532)
echo   233       two addresses of one type in E-mail Addresses (Q184532)
echo   235, 236  a target address is invalid, or not unique (Q184532)
echo   238       the address is held already; the event names who holds it (Q261283, Q263460). Plan again without it.
echo   241, 268  a deletion in a row that creates, or beside other values (Q184532)
echo   291       a row has another number of fields than the first line (Q188649)
echo   292       Home-Server is missing (Q259503)
echo   295, 296  a value was taken for the name of a file (Q152436)
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
