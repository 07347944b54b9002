' The way back from the changes of the plan sha256:93325b9081c175d6359ae3bd4e613d16124f5db17bb845ee502b8a36e712542b
'
' Hazards of the plan; the way back asks for no leave:
'   creates-mailbox
'     "1 new mailbox: cn=GATE,cn=Recipients,ou=SEATTLE,o=FABRIKAM."
'   dirsync-wipe
'     "Exchange is a directory synchronisation requestor (cn=HUBPO"
'     "Requestor,cn=Connections,cn=Configuration,ou=SEATTLE,o=FABRIKAM); the version is not stated."
'
'   cscript //nologo undo.vbs /server:EXSRV1 [/port:379] [/user:cn=NAME,dc=DOMAIN,cn=admin /ssl] [/all] [/only:c1,c2.3] [/apply]
'
' It does nothing but look unless /apply is given. First it binds every entry and compares the values at stake: where an
' entry is missing, a value to take away is not there as it is spelt, or another entry holds an address that is to be given,
' it stops before anything is written. A value to give that is there in any case is "already" and is left alone. Each entry
' is one SetInfo, which the server carries out as a whole or not at all. It stops at the first failure. What it does, and
' the values as they were, goes to undo.log beside it; a character that is not plain ASCII stands there as \uNNNN.
'
'   /server  the server that keeps the entries
'   /port    its LDAP port, where it is not 389 (Q224447: it can be changed; Q312501: beside Active Directory it must be)
'   /user    another account than the one that runs this; its password is read from standard input, and is no argument
'            the name as Exchange 5.5 takes it (Q182507); with cn=admin behind it, hidden recipients are seen (Q185475)
'   /ssl     with /user: encrypted, on port 636 unless /port says another
'   /plain   with /user: the password crosses the network for everybody to read; without /ssl or this it is not sent
'   /only    some changes, or some values of them, by their numbers
'   /unsearched
'            do not look who else holds an address, where ADO is missing; LDAP does not promise to look (Q303028)
'   /apply   do it
'
' Exit codes: 0 done, or looked and nothing is in the way; 1 failed, nothing was written; 2 wrong usage; 4 not told what
' to take, nothing was written; 5 the directory is not as the plan expects, nothing was written; 6 stopped after something
' was written, or may be; 7 cannot connect.
'
' It takes away nothing but what it is told to: /only with the numbers that apply.vbs gave at its end (apply.log), for what
' was there before is somebody else's; or /all, which is all that the plan gives, whoever gave it.
Option Explicit
Dim all, one, value, begun, only, server, port, user, secret, flags, unsearched, writing, written, sent, logName, permitted, everything
Start

' --- What the plan says ----------------------------------------------------------------------------------------------

Entry "c1", "cn=GATE,cn=Recipients,ou=SEATTLE,o=FABRIKAM"
Reason "Create the mailbox GATE in cn=Recipients,ou=SEATTLE,o=FABRIKAM with 3 postmaster addresses: it was asked for with --new-mailbox; it lives on the server of cn=MS"
More " Mail Connector (EXSRV1),cn=Connections,cn=Configuration,ou=SEATTLE,o=FABRIKAM."
Remove "c1.1", "otherMailbox", "ms$NWTRADERS/LAB/POSTMASTER"
Remove "c1.1", "otherMailbox", "ms$NWTRADERS/PO1/POSTMASTER"
Remove "c1.1", "otherMailbox", "ms$WINGTIP/DEPOT/POSTMASTER"
ByHand "The mailbox stays: delete it in the Administrator program (Edit, Delete), or import it there with Mode=Delete; deleting it over LDAP would orphan its store (Q28"
More "4199)."

Finish

' --- How it is said --------------------------------------------------------------------------------------------------

Class OneEntry
    Public Id
    Public Name
    Public Why
    Public Kind
    Public Leaf
    Public Parent
    Public ByHand
    Public Values
    Private Sub Class_Initialize
        Set Values = CreateObject("Scripting.Dictionary")
    End Sub
End Class

Class OneValue
    Public Id
    Public Op
    Public Attribute
    Public Text
    Public State
End Class

' An entry, by its name as ADSI writes it: a slash within the name has a backslash in front.
Sub Entry(id, name)
    Set one = New OneEntry
    one.Id = id
    one.Name = name
    all.Add all.Count, one
    begun = "name"
End Sub

Sub Reason(text)
    one.Why = text
    begun = "reason"
End Sub

' The entry is to be made: its class, the leaf of its name, and the name of what it hangs from.
Sub Fresh(kind)
    one.Kind = kind
End Sub

Sub Leaf(text)
    one.Leaf = text
    begun = "leaf"
End Sub

Sub Parent(text)
    one.Parent = text
    begun = "parent"
End Sub

Sub Add(id, attribute, text)
    Hold id, "add", attribute, text
End Sub

Sub Remove(id, attribute, text)
    Hold id, "delete", attribute, text
End Sub

Sub Hold(id, op, attribute, text)
    Set value = New OneValue
    value.Id = id
    value.Op = op
    value.Attribute = attribute
    value.Text = text
    one.Values.Add one.Values.Count, value
    begun = "value"
End Sub

Sub ByHand(text)
    one.ByHand = text
    begun = "by hand"
End Sub

' The text that was begun goes on.
Sub More(text)
    Select Case begun
        Case "name": one.Name = one.Name & text
        Case "reason": one.Why = one.Why & text
        Case "leaf": one.Leaf = one.Leaf & text
        Case "parent": one.Parent = one.Parent & text
        Case "value": value.Text = value.Text & text
        Case "by hand": one.ByHand = one.ByHand & text
    End Select
End Sub

' --- First look, then write ------------------------------------------------------------------------------------------

Sub Finish
    Dim n, wrong
    Choose
    wrong = 0
    For n = 0 To all.Count - 1
        If Wanted(all(n)) > 0 Then wrong = wrong + Looked(all(n))
    Next
    If wrong = 0 And Not unsearched Then wrong = Elsewhere
    If wrong > 0 Then Leave 5, "Nothing was written: the directory is not as the plan expects. Look at it, and name what is left to take."
    If writing And only.Count = 0 And Not everything Then
        Leave 4, "Nothing was written. Say what to take back: give /only as apply.vbs said it at its end, see apply.log, or /all."
    End If
    For n = 0 To all.Count - 1
        If writing And Wanted(all(n)) > 0 Then Change all(n)
    Next
    Tell
End Sub

' Leaves out what /only does not name.
Sub Choose
    Dim n, m, kept, known, name
    Set known = CreateObject("Scripting.Dictionary")
    For n = 0 To all.Count - 1
        kept = False
        known(all(n).Id) = True
        For m = 0 To all(n).Values.Count - 1
            known(all(n).Values.Item(m).Id) = True
            all(n).Values.Item(m).State = "left out"
            If only.Count = 0 Or only.Exists(all(n).Id) Or only.Exists(all(n).Values.Item(m).Id) Then
                all(n).Values.Item(m).State = "wanted"
                kept = True
            End If
        Next
        If Not kept Then all(n).ByHand = ""
    Next
    For Each name In only.Keys
        If Not known.Exists(name) Then Leave 2, "There is no " & Shown(name) & " in this script."
    Next
End Sub

' How many values of an entry are still to be given or taken away.
Function Wanted(entry)
    Dim m
    Wanted = 0
    For m = 0 To entry.Values.Count - 1
        If entry.Values.Item(m).State = "wanted" Then Wanted = Wanted + 1
    Next
End Function

' Binds an entry and compares the values at stake; gives how much is not as the plan expects.
Function Looked(entry)
    Dim bound, failure
    Say entry.Id & " " & Shown(entry.Name) & ": " & entry.Why
    Looked = 0
    Set bound = Bind(entry.Name, failure)
    If entry.Kind <> "" Then
        Looked = LookedForRoom(entry, bound, failure)
    ElseIf failure <> 0 Then
        Refused entry, failure
        Looked = 1
    Else
        Looked = Compared(entry, bound, True)
    End If
End Function

' An entry that is to be made must not be there, and what it hangs from must be. One that is there with all it should have
' is "already".
Function LookedForRoom(entry, bound, failure)
    Dim above
    LookedForRoom = 0
    If failure = 0 Then
        LookedForRoom = Compared(entry, bound, True)
        If LookedForRoom = 0 And Wanted(entry) > 0 Then
            Say "  in the way: the entry is there, and is not as the plan would make it"
            LookedForRoom = 1
        End If
    ElseIf Hex(failure) <> "80072030" Then
        Refused entry, failure
        LookedForRoom = 1
    Else
        Set above = Bind(entry.Parent, failure)
        If failure <> 0 Then Refused entry, failure
        If failure <> 0 Then LookedForRoom = 1
    End If
End Function

' Compares each value with what the entry holds: in any case for one to be given, since a directory takes two cases for
' one value (SDK:directry_2hdf), and in its very spelling for one to be taken away. What was looked at before is not said
' again, unless it changed.
Function Compared(entry, bound, loud)
    Dim m, held, before, value, failure
    Compared = 0
    before = ""
    For m = 0 To entry.Values.Count - 1
        Set value = entry.Values.Item(m)
        If value.State = "wanted" Then
            If LCase(value.Attribute) <> before Then
                held = ValuesOf(bound, value.Attribute, failure)
                If failure <> 0 Then
                    Refused entry, failure
                    Compared = Compared + 1
                    Exit Function
                End If
                If loud Then Image entry, value.Attribute, held
                before = LCase(value.Attribute)
            End If
            Compared = Compared + Judged(value, held, loud)
        End If
    Next
End Function

Function Judged(value, held, loud)
    Dim text
    Judged = 0
    text = value.Id & " " & value.Attribute & ": " & Shown(value.Text)
    If value.Op = "add" Then
        If Holds(held, value.Text, False) Then
            value.State = "already"
            Say "  already   " & text
        ElseIf loud Then
            Say "  to give   " & text
        End If
    ElseIf Holds(held, value.Text, True) Then
        If loud Then Say "  to take   " & text
    Else
        Say "  not there " & text
        Judged = 1
    End If
End Function

Function Holds(held, text, exactly)
    Dim item
    Holds = False
    For Each item In held
        If exactly And StrComp(AsText(item), text, vbBinaryCompare) = 0 Then Holds = True
        If Not exactly And Squeezed(AsText(item)) = Squeezed(text) Then Holds = True
    Next
End Function

' ADSI gives a truth and a number as what they are; the directory writes TRUE and FALSE (SDK:directry_6ub8).
Function AsText(item)
    AsText = ""
    Select Case VarType(item)
        Case vbString: AsText = item
        Case vbInteger, vbLong: AsText = CStr(item)
        Case vbBoolean: AsText = "FALSE"
    End Select
    If VarType(item) = vbBoolean Then If item Then AsText = "TRUE"
End Function

' Without case, outer blanks and double blanks: so a directory compares (RFC 4518 2.6.1).
Function Squeezed(ByVal text)
    text = LCase(Trim(text))
    Do While InStr(text, "  ") > 0
        text = Replace(text, "  ", " ")
    Loop
    Squeezed = text
End Function

' The values as they were, for the log.
Sub Image(entry, attribute, held)
    Dim item, lines
    lines = ""
    For Each item In held
        lines = lines & vbCrLf & "    " & Shown(AsText(item))
    Next
    Note "before " & entry.Id & " " & Shown(entry.Name) & " " & Shown(attribute) & ":" & lines
End Sub

' Counts who else holds an address that is still to be given: as one of its own, or as its target. The entry that is to get
' it was looked at, and does not hold it. LDAP does not promise to look (Q303028), and two holders make mail ambiguous (Q251152).
Function Elsewhere
    Dim n, m, value, sought
    Set sought = CreateObject("Scripting.Dictionary")
    For n = 0 To all.Count - 1
        For m = 0 To all(n).Values.Count - 1
            Set value = all(n).Values.Item(m)
            If value.State = "wanted" And value.Op = "add" And LCase(value.Attribute) = "othermailbox" Then
                sought(Address(value.Text)) = value.Id
            End If
        Next
    Next
    Elsewhere = 0
    ' Everything that has addresses: whether 5.5 finds a value of otherMailbox by an equality is not known.
    If sought.Count > 0 Then Elsewhere = Met("(|(otherMailbox=*)(Target-Address=MS:*))", sought)
End Function

' Counts the values of what a search finds that are sought.
Function Met(filter, sought)
    Dim rows, failure, held, item, name
    Met = 0
    On Error Resume Next
    Set rows = Searched(filter)
    failure = Err.Number
    On Error GoTo 0
    If failure <> 0 Then NotSearched failure
    Do While Not rows.EOF
        For Each name In Array("otherMailbox", "Target-Address")
            held = rows.Fields(name).Value
            If Not IsArray(held) Then held = Array(held)
            For Each item In held
                If sought.Exists(Address(AsText(item))) Then
                    Say "  held      " & sought.Item(Address(AsText(item))) & " by " & Shown(AsText(rows.Fields("ADsPath").Value))
                    Met = Met + 1
                End If
            Next
        Next
        On Error Resume Next
        rows.MoveNext
        failure = Err.Number
        On Error GoTo 0
        If failure <> 0 Then NotSearched failure
    Loop
End Function

Sub NotSearched(failure)
    Leave 7, "Nothing was written: who else holds an address cannot be looked for. " & Meaning(failure) & ". See /unsearched."
End Sub

' An address as it is compared: 5.5 writes TYPE$address and TYPE:address (Q263520; MS-OXLDAP).
Function Address(text)
    Dim mark
    Address = Squeezed(text)
    mark = InStr(Address, "$")
    If mark > 0 And (InStr(Address, ":") = 0 Or mark < InStr(Address, ":")) Then
        Address = Left(Address, mark - 1) & ":" & Mid(Address, mark + 1)
    End If
End Function


' --- One entry, one SetInfo ------------------------------------------------------------------------------------------

' Looks again, so that nothing that changed since is written over: Active Directory reports neither a value that is there
' already nor one that is not there (Platform SDK, IADs::PutEx).
Sub Change(entry)
    Dim bound, failure, code
    If entry.Kind = "" Then
        Set bound = Bind(entry.Name, failure)
        If failure <> 0 Then Halt entry, failure
        If Compared(entry, bound, False) > 0 Then Halt entry, 0
    Else
        Set bound = Made(entry, failure)
        If failure <> 0 Then Halt entry, failure
    End If
    If Wanted(entry) = 0 Then Exit Sub
    Fill entry, bound
    Note "send " & entry.Id & " " & Shown(entry.Name)
    sent = entry.Id
    On Error Resume Next
    bound.SetInfo
    failure = Err.Number
    On Error GoTo 0
    code = Hex(failure)
    If code = "8007200D" Or code = "80071392" Then
        Again entry, failure  ' it is there: is all of it? (Q263520)
        sent = ""
        Exit Sub
    End If
    If failure <> 0 Then Halt entry, failure
    sent = ""
    Landed entry
End Sub

' The server says that something is there already, and wrote nothing: that is well only if all of it is there. It is not
' ours then, and the way back leaves it alone.
Sub Again(entry, failure)
    Dim bound, other
    Set bound = Bind(entry.Name, other)
    If other <> 0 Then Halt entry, other
    If Compared(entry, bound, False) > 0 Or Wanted(entry) > 0 Then Halt entry, failure
End Sub

' Puts the wanted values into the cache of ADSI, each attribute once: a second PutEx would overwrite the first.
Sub Fill(entry, bound)
    Dim m, attribute, seen
    Set seen = CreateObject("Scripting.Dictionary")
    For m = 0 To entry.Values.Count - 1
        attribute = entry.Values.Item(m).Attribute
        If entry.Values.Item(m).State = "wanted" And Not seen.Exists(LCase(attribute)) Then
            seen(LCase(attribute)) = True
            PutValues bound, Control(entry, entry.Values.Item(m)), attribute, Texts(entry, LCase(attribute))
        End If
    Next
End Sub

' What PutEx is told: 2 the values of a new entry, 3 append, 4 delete (ADSIWP); never 1 or 2 for an entry that is there.
Function Control(entry, value)
    If entry.Kind <> "" Then
        Control = 2
    ElseIf value.Op = "add" Then
        Control = 3
    Else
        Control = 4
    End If
End Function

' The wanted values of an attribute, each through CStr: an array of variants needs it (Q263520).
Function Texts(entry, attribute)
    Dim m, count, found()
    count = 0
    For m = 0 To entry.Values.Count - 1
        If entry.Values.Item(m).State = "wanted" And LCase(entry.Values.Item(m).Attribute) = attribute Then
            ReDim Preserve found(count)
            found(count) = CStr(entry.Values.Item(m).Text)
            count = count + 1
        End If
    Next
    Texts = found
End Function

' Reads the entry back: an address that was given must be there, in whatever case the server keeps it, and one that was
' taken away must not. All that the server took is ours to take back, but for what it does not show.
Sub Landed(entry)
    Dim m, bound, held, failure, value, lost
    written = written & " " & entry.Id
    lost = 0
    Set bound = Bind(entry.Name, failure)
    For m = 0 To entry.Values.Count - 1
        Set value = entry.Values.Item(m)
        If value.State = "wanted" Then
            value.State = "done"
            If failure = 0 And LCase(value.Attribute) = "othermailbox" Then
                held = ValuesOf(bound, value.Attribute, failure)
                If failure = 0 Then
                    If Holds(held, value.Text, value.Op = "delete") <> (value.Op = "add") Then value.State = "not shown"
                End If
            End If
            If value.State = "not shown" Then lost = lost + 1
            Say "  " & Left(value.State & "          ", 10) & value.Id & " " & value.Attribute & ": " & Shown(value.Text)
        End If
    Next
    If failure <> 0 Or lost > 0 Then Halt entry, failure
End Sub

' --- ADSI ------------------------------------------------------------------------------------------------------------

' Binds a name; every object of the directory comes from here.
Function Bind(name, failure)
    Dim place
    place = "LDAP://" & server & ":" & port & "/" & name
    Set Bind = Nothing
    If user = "" Then
        On Error Resume Next
        Set Bind = GetObject(place)
        failure = Err.Number
        On Error GoTo 0
    Else
        On Error Resume Next
        Set Bind = GetObject("LDAP:").OpenDSObject(place, user, secret, flags)
        failure = Err.Number
        On Error GoTo 0
    End If
End Function

' Gives the values of an attribute. It is asked for by its name, since operational attributes come in no other way (ADSIWP;
' SDK heuristics).
Function ValuesOf(bound, attribute, failure)
    ValuesOf = Array()
    On Error Resume Next
    bound.GetInfoEx Array(CStr(attribute)), 0
    failure = Err.Number
    On Error GoTo 0
    If failure = 0 Then
        On Error Resume Next
        ValuesOf = bound.GetEx(CStr(attribute))
        failure = Err.Number
        On Error GoTo 0
    End If
    If Hex(failure) = "8000500D" Then failure = 0  ' it has none (Q252459)
End Function

' Searches by ADO, in pages: a server of 5.5 gives 100 entries, and no more without them (Q246567).
Function Searched(filter)
    Dim connection, command
    Set connection = CreateObject("ADODB.Connection")
    connection.Provider = "ADsDSOObject"
    If user <> "" Then
        connection.Properties("User ID") = user
        connection.Properties("Password") = secret
        connection.Properties("ADSI Flag") = flags
    End If
    connection.Open "ADSI"
    Set command = CreateObject("ADODB.Command")
    Set command.ActiveConnection = connection
    command.Properties("Page Size") = 100
    command.CommandText = "<LDAP://" & server & ":" & port & ">;" & filter & ";ADsPath,otherMailbox,Target-Address;subtree"
    Set Searched = command.Execute
End Function

' Makes an entry in the container that it hangs from: the leaf class alone, and no rdn (Q284199; the set of attributes is
' the one that public practice shows to work, facts 2.4). It is there when SetInfo has been called.
Function Made(entry, failure)
    Dim above
    Set Made = Nothing
    Set above = Bind(entry.Parent, failure)
    If failure = 0 Then
        On Error Resume Next
        Set Made = above.Create(CStr(entry.Kind), CStr(entry.Leaf))
        failure = Err.Number
        On Error GoTo 0
    End If
End Function

Sub PutValues(bound, control, attribute, texts)
    Dim failure
    On Error Resume Next
    bound.PutEx control, CStr(attribute), texts
    failure = Err.Number
    On Error GoTo 0
    If failure <> 0 Then Halt Nothing, failure
End Sub

' What an HRESULT means. Those without a source are Win32 codes in the form of COM; VBScript makes 80070005 its error 70.
Function Meaning(failure)
    Select Case Hex(failure)
        Case "8007200D": Meaning = "a value is there already (Q263520), and not all of them are"
        Case "80071392": Meaning = "the entry is there already (Q263520)"
        Case "80072030": Meaning = "there is no such entry, or this account may not see it; hidden ones show under cn=admin (Q185475)"
        Case "8007200A": Meaning = "a value to take away is not there"
        Case "8007202F": Meaning = "a value breaks a constraint: too long, or of a wrong syntax (Q271200)"
        Case "80072035": Meaning = "the server is unwilling (Q271200)"
        Case "80072024": Meaning = "administrative limit exceeded: too many addresses on one entry (Q146345)"
        Case "80070005", "46": Meaning = "access denied: this account may not write here (Q271200)"
        Case "80072016": Meaning = "the name of an entry cannot be written (SELFADSI)"
        Case "8007203A": Meaning = "the server does not answer; check /server and /port"
        Case "8007052E": Meaning = "the name or password is not right"
        Case "0": Meaning = "the entry is not as it should be now"
        Case Else: Meaning = "see the error codes of ADSI"
    End Select
    Meaning = "0x" & Hex(failure) & ": " & Meaning
End Function

' Says why an entry cannot be read; without the server or the right password there is no going on. Once something was
' written, whoever calls this says how to go home.
Sub Refused(entry, failure)
    Say "  failed    " & entry.Id & " " & Meaning(failure)
    If written <> "" Then Exit Sub
    If Hex(failure) = "8007203A" Or Hex(failure) = "8007052E" Then Leave 7, "Nothing was written."
End Sub

' --- The script and its host -----------------------------------------------------------------------------------------

Sub Start
    If LCase(Right(WScript.FullName, 11)) <> "cscript.exe" Then
        WScript.Echo "Run this with cscript: it has much to say, and WScript would say each line in a window."
        WScript.Quit 2
    End If
    Set all = CreateObject("Scripting.Dictionary")
    Set only = CreateObject("Scripting.Dictionary")
    Set permitted = CreateObject("Scripting.Dictionary")
    logName = Left(WScript.ScriptFullName, Len(WScript.ScriptFullName) - 4) & ".log"
    written = ""
    sent = ""
    ReadArguments
    Note "--- " & Now & " plan sha256:93325b9081c175d6359ae3bd4e613d16124f5db17bb845ee502b8a36e712542b, server " & server & ", apply " & writing
End Sub

Sub ReadArguments
    Dim n, mark, word, rest, ssl, plain
    writing = False
    unsearched = False
    everything = False
    ssl = False
    plain = False
    flags = 0  ' the simple bind of 5.5 (ADSIWP)
    For n = 0 To WScript.Arguments.Count - 1
        word = WScript.Arguments(n)
        rest = ""
        mark = InStr(word, ":")
        If mark > 0 Then rest = Mid(word, mark + 1)
        If mark > 0 Then word = Left(word, mark)
        Select Case LCase(word)
            Case "/server:": server = rest
            Case "/port:": port = rest
            Case "/user:": user = rest
            Case "/only:": NameOnly rest
            Case "/ssl": ssl = True
            Case "/plain": plain = True
            Case "/unsearched": unsearched = True
            Case "/apply": writing = True
            Case "/all": everything = True
            Case Else: Usage "What is " & Shown(word) & "?"
        End Select
    Next
    If Not Plainly(server, "abcdefghijklmnopqrstuvwxyz0123456789.-") Then Usage "Which server? Give /server:NAME."
    If port = "" And ssl Then port = "636"
    If port = "" Then port = "389"
    If Not Plainly(port, "0123456789") Then Usage "Give /port: a number."
    If ssl And user = "" Then Usage "/ssl goes with /user."
    If ssl Then flags = flags + 2  ' ADS_USE_SSL
    If user <> "" And Not ssl And Not plain Then Usage "The password would cross the network in clear: give /ssl, or /plain."
    If user <> "" Then AskSecret
End Sub

Sub NameOnly(list)
    Dim name
    For Each name In Split(list, ",")
        only(Trim(name)) = True
    Next
    If only.Count = 0 Then Usage "Which ones? Give /only:c1,c2.3."
End Sub

' An empty password would be an anonymous bind, and is none.
Sub AskSecret
    WScript.StdErr.Write "Password (it shows as it is typed; to keep it hidden, give it from a file: < FILE): "
    secret = ""
    If Not WScript.StdIn.AtEndOfStream Then secret = WScript.StdIn.ReadLine
    If secret = "" Then Usage "There is no password."
End Sub

Function Plainly(text, allowed)
    Dim n
    Plainly = (Len(text) > 0)
    For n = 1 To Len(text)
        If InStr(allowed, LCase(Mid(text, n, 1))) = 0 Then Plainly = False
    Next
End Function

Sub Usage(text)
    WScript.Echo text
    WScript.Echo "cscript //nologo undo.vbs /server:NAME [/port:N] [/user:NAME] [/all] [/only:c1,c2.3] [/apply]"
    WScript.Quit 2
End Sub

' A text in which nothing can move the cursor of a console or break a line: all but plain ASCII as \uNNNN.
Function Shown(text)
    Dim n, char, code
    Shown = ""
    For n = 1 To Len(text)
        char = Mid(text, n, 1)
        code = AscW(char) And &HFFFF&
        If code < 32 Or code > 126 Or (char = "\" And LCase(Mid(text, n + 1, 1)) = "u") Then
            char = "\u" & Right("000" & LCase(Hex(code)), 4)
        End If
        Shown = Shown & char
    Next
End Function

Sub Say(text)
    WScript.Echo text
    Note text
End Sub

' A line for the log, on the disk before anything else is done.
Sub Note(text)
    Dim stream, failure
    On Error Resume Next
    Set stream = CreateObject("Scripting.FileSystemObject").OpenTextFile(logName, 8, True)
    failure = Err.Number
    On Error GoTo 0
    If failure <> 0 And written = "" Then WScript.Echo "The log cannot be written: " & logName
    If failure <> 0 And written = "" Then WScript.Quit 1
    If failure = 0 Then stream.WriteLine text
    If failure = 0 Then stream.Close
End Sub

' Stops at a failure, and says how to go home from here.
Sub Halt(entry, failure)
    Say "  failed    " & Meaning(failure)
    If sent <> "" And InDoubt(failure) Then Say "In doubt: " & sent & " was sent, and may be written. Run this without /apply to see."
    If sent <> "" And InDoubt(failure) Then HomeWard
    If sent <> "" And InDoubt(failure) And written = "" Then Leave 6, "Stopped. Nothing else was written."
    If sent <> "" And InDoubt(failure) Then Leave 6, "Stopped. Written for certain:" & written & " and nothing else."
    If written = "" Then Leave 1, "Nothing was written."
    HomeWard
    Leave 6, "Stopped. Written so far:" & written & ". Mend the cause and run this again, or go back."
End Sub

' Whether a failure of SetInfo leaves open what the server did: all but what a server says that refuses (Q271200).
Function InDoubt(failure)
    Select Case Hex(failure)
        Case "8007200D", "80071392", "80072030", "8007200A", "8007202F", "80072035", "80072024", "80070005", "46", "80072016"
            InDoubt = False
        Case Else
            InDoubt = True
    End Select
End Function

' What undo.vbs must be told, where not all of the plan was done by this run.
Sub HomeWard
    Say "What was taken away is in the log, and apply.vbs gives it again."
End Sub

' Says what is left to do.
Sub Tell
    Dim n
    For n = 0 To all.Count - 1
        If all(n).ByHand <> "" Then Say "By hand, " & all(n).Id & " " & Shown(all(n).Name) & ": " & all(n).ByHand
    Next
    If Not writing Then Leave 0, "Nothing was written, and nothing is in the way. Give /apply, and /all or /only, to do it."
    If written = "" Then Leave 0, "There was nothing left to do."
    HomeWard
    Leave 0, "Done:" & written & ". Check the whole with `remedy verify`."
End Sub

Sub Leave(code, text)
    Say text
    WScript.Quit code
End Sub
