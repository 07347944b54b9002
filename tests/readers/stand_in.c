/* Stands in for ldifde.exe, admin.exe and findstr.exe in tests of batch files; what it finds is told by files beside it.
   Every call is noted in calls.txt, one argument a line. Build: x86_64-w64-mingw32-gcc -O1 -o ldifde.exe stand_in.c */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int count; static char **words;

static const char *after(const char *option) {
    for (int at = 1; at + 1 < count; at++) if (!strcmp(words[at], option)) return words[at + 1];
    return NULL;
}
static int given(const char *option) {
    for (int at = 1; at < count; at++) if (!strcmp(words[at], option)) return 1;
    return 0;
}
static char *line(FILE *file, char *into) {
    if (!fgets(into, 4096, file)) return NULL;
    into[strcspn(into, "\r\n")] = 0;
    return into;
}
static int copied(const char *from, const char *to, const char *mode) {
    FILE *in = fopen(from, "r"), *out; char text[4096];
    if (!in) return 0;
    out = fopen(to, mode);
    while (line(in, text)) fprintf(out, "%s\n", text);
    fclose(in); fclose(out);
    return 1;
}
static int noted(const char *name, const char *ending) { /* fail.txt: the exit code, and whether there is an error file */
    FILE *in = fopen("fail.txt", "r"), *out; char text[4096]; int code, writes;
    if (!in) return 0;
    if (fscanf(in, "%d %d", &code, &writes) != 2) code = writes = 1;
    fclose(in);
    snprintf(text, sizeof text, "%s%s", name, ending);
    if (writes) { out = fopen(text, "w"); fprintf(out, "a record failed\n"); fclose(out); }
    return code;
}
static int ldifde(void) {
    const char *file = after("-f"), *dn = after("-d"), *log = after("-j"); char text[4096]; FILE *in, *out;
    if (given("-i")) return noted(log, "\\ldif.err");
    if (!strcmp(after("-p"), "subtree")) {
        int failed = !copied("holders.txt", file, "w");
        return (in = fopen("cut.txt", "r")) ? 8228 : failed; /* the search breaks off behind what it has found */
    }
    in = fopen("there.txt", "r");
    while (in && line(in, text)) if (!strcmp(text, dn)) {
        out = fopen(file, "w"); fprintf(out, "dn: %s\nchangetype: add\n", dn); fclose(out);
        return 0;
    }
    return 32;
}
static int admin(void) {
    const char *file = after("/i"); char text[4096];
    if (!file) return copied(strstr(after("/e"), "after.csv") ? "then.txt" : "there.txt", after("/e"), "a") ? 0 : 1;
    snprintf(text, sizeof text, "%s", file);
    *strrchr(text, '.') = 0;
    return noted(text, ".err");
}
static int same(const char *text, const char *wanted, int begins, int whole) {
    size_t size = strlen(wanted);
    for (const char *at = text; strlen(at) >= size; at++) {
        size_t n = 0;
        while (n < size && tolower(at[n]) == tolower(wanted[n])) n++;
        if (n == size && (!begins || at == text) && (!whole || (at == text && !at[n]))) return 1;
    }
    return 0;
}
static int findstr(void) {
    static char wanted[64][512]; char text[4096]; int many = 0, found = 0; FILE *in;
    for (int at = 1; at < count - 1; at++) {
        if (!strncmp(words[at], "/c:", 3)) strcpy(wanted[many++], words[at] + 3);
        if (!strncmp(words[at], "/g:", 3)) {
            if (!(in = fopen(words[at] + 3, "r"))) return 2;
            while (many < 64 && line(in, text)) strcpy(wanted[many++], text);
            fclose(in);
        }
    }
    if (!(in = fopen(words[count - 1], "r"))) return 1;
    while (line(in, text)) for (int n = 0; n < many; n++) if (same(text, wanted[n], given("/b"), given("/x"))) {
        puts(text); found = 1;
    }
    return !found;
}
int main(int argc, char **argv) {
    FILE *calls = fopen("calls.txt", "a"); const char *name = strrchr(argv[0], '\\');
    count = argc; words = argv; name = name ? name + 1 : argv[0];
    for (int at = 0; at < argc; at++) fprintf(calls, "%s\n", at ? argv[at] : name);
    fprintf(calls, "\n"); fclose(calls);
    if (!strncmp(name, "ldifde", 6)) return ldifde();
    if (!strncmp(name, "admin", 5)) return admin();
    return findstr();
}
